import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService } from '#libs/http';
import { EventsServer } from '#libs/messaging';
import type { AuthConfig } from './auth.config.js';
import { AuthModule } from './auth.module.js';
import { PageProblemFilter } from './web/page-problem.filter.js';

/** Builds the service, ready to listen. */
export async function createAuthService(config: AuthConfig): Promise<NestFastifyApplication> {
  const app = await createService(AuthModule, {
    name: 'auth',
    description: 'Sign-up, sign-in, sessions, roles and the login history.',
    publicUrl: config.AUTH_PUBLIC_URL,
    logLevel: config.LOG_LEVEL,
    corsOrigins: config.CORS_ORIGINS,
    trustProxy: config.TRUST_PROXY,
  });
  // Of filters for every error the one named last is asked.
  app.useGlobalFilters(new PageProblemFilter(config));
  app.connectMicroservice({ strategy: app.get(EventsServer) }, { inheritAppConfig: false });
  return app;
}
