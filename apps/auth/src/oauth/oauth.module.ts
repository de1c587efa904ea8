import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { LoginHistoryModule } from '../login-history/login-history.module.js';
import { MailRequestsModule } from '../mail-requests/mail-requests.module.js';
import { SecondFactorModule } from '../second-factor/second-factor.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebModule } from '../web/web.module.js';
import { GoogleAccountsService } from './google-accounts.service.js';
import { GoogleSignInService } from './google-sign-in.service.js';
import { GoogleController } from './google.controller.js';
import { GoogleStateStore } from './google-state.store.js';
import { GoogleStrategy } from './google.strategy.js';
import { ChallengeCookie } from './challenge-cookie.service.js';
import { EnrolmentCookie } from './enrolment-cookie.service.js';
import { EnrolmentController } from './enrolment.controller.js';
import { SignInEnd } from './sign-in-end.service.js';
import { SecondFactorPageController } from './second-factor-page.controller.js';
import { IdentitiesRepository } from './identities.repository.js';
import { IdentityTrail } from './identity-trail.service.js';
import { JourneyCookie } from './journey-cookie.service.js';
import { OAuthController } from './oauth.controller.js';
import { SpentStatesRepository } from './spent-states.repository.js';

@Module({
  imports: [
    AuditModule,
    LoginHistoryModule,
    MailRequestsModule,
    SecondFactorModule,
    SessionsModule,
    SignInModule,
    UsersModule,
    WebModule,
  ],
  controllers: [OAuthController, GoogleController, SecondFactorPageController, EnrolmentController],
  providers: [
    ChallengeCookie,
    EnrolmentCookie,
    JourneyCookie,
    SignInEnd,
    GoogleStateStore,
    GoogleStrategy,
    GoogleSignInService,
    GoogleAccountsService,
    IdentitiesRepository,
    IdentityTrail,
    SpentStatesRepository,
  ],
  exports: [GoogleAccountsService],
})
export class OAuthModule {}
