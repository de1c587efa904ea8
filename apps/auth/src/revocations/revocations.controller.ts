import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public, type Revocation, REVOCATION_LIFE_MS } from '#libs/access';
import { RevocationsRepository } from './revocations.repository.js';

/** How long one answer serves all who ask, in milliseconds. */
const FRESH_MS = 200;

/** The list for services that cannot read it in Redis. Keys are hashes: it tells nobody who left. */
@Public()
@ApiExcludeController()
@Controller('.well-known')
export class RevocationsController {
  private answer: { at: number; revocations: Promise<Revocation[]> } | undefined;

  constructor(private readonly repository: RevocationsRepository) {}

  @Get('revocations.json')
  @Header('cache-control', 'no-store')
  async revocations(): Promise<{ revocations: Revocation[] }> {
    if (!this.answer || Date.now() - this.answer.at > FRESH_MS) {
      this.answer = { at: Date.now(), revocations: this.repository.ofLast(REVOCATION_LIFE_MS) };
    }
    return { revocations: await this.answer.revocations };
  }
}
