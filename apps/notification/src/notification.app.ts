import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService } from '#libs/http';
import { EventsServer } from '#libs/messaging';
import type { NotificationConfig } from './notification.config.js';
import { NotificationModule } from './notification.module.js';

/** The service with its event consumers started, ready to listen. */
export async function createNotificationApp(config: NotificationConfig): Promise<NestFastifyApplication> {
  const app = await createService(NotificationModule.with(config), {
    name: 'notification',
    description: 'Messages to users: inbox, mail, campaigns.',
    publicUrl: config.NOTIFICATION_PUBLIC_URL,
    logLevel: config.LOG_LEVEL,
    corsOrigins: config.CORS_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    connectSources: [new URL(config.AUTH_ISSUER).origin],
  });
  app.connectMicroservice({ strategy: app.get(EventsServer) });
  await app.startAllMicroservices();
  return app;
}
