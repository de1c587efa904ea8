import { Injectable } from '@nestjs/common';
import { StepUpRequiredError } from './session.errors.js';
import { SessionsRepository } from './sessions.repository.js';

/** Risky acts need somebody who has proved who it is within so many minutes. */
export const FRESH_MINUTES = 15;

@Injectable()
export class StepUpService {
  constructor(private readonly sessions: SessionsRepository) {}

  /** Throws StepUpRequiredError when the session's user has not given proof lately. */
  async assertFresh(sessionId: string): Promise<void> {
    if (!(await this.sessions.isFresh(sessionId, FRESH_MINUTES))) throw new StepUpRequiredError();
  }
}
