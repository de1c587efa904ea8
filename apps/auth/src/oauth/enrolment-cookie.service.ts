import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../auth.config.js';
import { FRESH_MINUTES } from '../sessions/step-up.service.js';
import { SignedCookie } from '../web/signed-cookie.js';

/** An administrator who has to set up a second factor, and the session that may do so. */
export interface PendingEnrolment {
  userId: string;
  sessionId: string;
}

/** Names the session between the pages that set up a second factor; worth nothing once that session ended or is no longer fresh. */
@Injectable()
export class EnrolmentCookie extends SignedCookie<PendingEnrolment> {
  constructor(config: AuthConfig) {
    super(config, 'enrolment', FRESH_MINUTES * 60);
  }
}
