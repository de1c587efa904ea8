import { Module } from '@nestjs/common';
import { AccessModule, KeySource, RevocationSource } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { HealthModule } from '#libs/http';
import { MessagingHealth } from '#libs/messaging';
import { ThrottlingModule } from '#libs/throttling';
import { AuthConfig } from './auth.config.js';
import { authStores } from './auth.stores.js';
import { ConfigModule } from './config.module.js';
import { AccountModule } from './account/account.module.js';
import { AdminModule } from './admin/admin.module.js';
import { AuditTrailModule } from './audit/audit-trail.module.js';
import { EmailChangeModule } from './email-change/email-change.module.js';
import { LoginHistoryModule } from './login-history/login-history.module.js';
import { MaintenanceModule } from './maintenance/maintenance.module.js';
import { OAuthModule } from './oauth/oauth.module.js';
import { RecoveryModule } from './recovery/recovery.module.js';
import { RegistrationModule } from './registration/registration.module.js';
import { LocalRevocationSource } from './revocations/local-revocation-source.service.js';
import { RevocationFeedModule } from './revocations/revocation-feed.module.js';
import { SecondFactorModule } from './second-factor/second-factor.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { LocalKeySource } from './signing-keys/local-key-source.service.js';
import { SigningKeysModule } from './signing-keys/signing-keys.module.js';
import { UsersModule } from './users/users.module.js';
import { WebModule } from './web/web.module.js';

/** The service: libs and features, nothing else. */
@Module({
  imports: [
    ConfigModule,
    ...authStores(),
    ThrottlingModule.forRootAsync({
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => ({ redisUrl: config.REDIS_URL, app: 'auth' }),
    }),
    AccessModule.forRootAsync({
      imports: [SigningKeysModule, RevocationFeedModule],
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => ({
        issuer: config.AUTH_ISSUER,
        audience: 'auth',
        jwksUrl: config.AUTH_JWKS_URL,
      }),
      keySource: { provide: KeySource, useExisting: LocalKeySource },
      revocationSource: { provide: RevocationSource, useExisting: LocalRevocationSource },
    }),
    HealthModule.forRootAsync({
      inject: [UnitOfWork, MessagingHealth],
      useFactory: (unitOfWork: UnitOfWork, messaging: MessagingHealth) => [
        { name: 'postgres', critical: true, check: () => unitOfWork.manager.query('SELECT 1') },
        { name: 'messaging', critical: false, check: () => assertHealthy(messaging) },
      ],
    }),
    AccountModule,
    AdminModule,
    AuditTrailModule,
    EmailChangeModule,
    LoginHistoryModule,
    MaintenanceModule,
    OAuthModule,
    RecoveryModule,
    RegistrationModule,
    SecondFactorModule,
    SessionsModule,
    SignInModule,
    SigningKeysModule,
    UsersModule,
    WebModule,
  ],
})
export class AuthModule {}

async function assertHealthy(messaging: MessagingHealth): Promise<void> {
  const { degraded } = await messaging.status();
  if (degraded.length > 0) throw new Error(degraded.join('; '));
}
