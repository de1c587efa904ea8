import { BullModule } from '@nestjs/bull';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { AccessModule } from '#libs/access';
import { HealthModule } from '#libs/http';
import { DeadLettersModule, MessagingHealth, MessagingModule, type RecordAct } from '#libs/messaging';
import { ThrottlingModule } from '#libs/throttling';
import { AuditModule } from './audit/audit.module.js';
import { AuditRepository } from './audit/audit.repository.js';
import { CampaignsModule } from './campaigns/campaigns.module.js';
import { CONTACTS_CONSUMES } from './contacts/contacts.consumer.js';
import { ContactsModule } from './contacts/contacts.module.js';
import { InboxModule } from './inbox/inbox.module.js';
import { MESSAGES_CONSUMES } from './messages/messages.consumer.js';
import { MessagesModule } from './messages/messages.module.js';
import { NotificationConfig } from './notification.config.js';
import { PanelModule } from './panel/panel.module.js';
import { PreferencesModule } from './preferences/preferences.module.js';
import { TemplateEditingModule } from './template-editing/template-editing.module.js';
import { StoreFaultsInterceptor } from './store/store-faults.interceptor.js';
import { StoreModule } from './store/store.module.js';
import { SuppressionsModule } from './suppressions/suppressions.module.js';
import { UsersModule } from './users/users.module.js';

/** Hands the configuration to every module. */
@Module({})
class ConfigModule {
  static with(config: NotificationConfig): DynamicModule {
    const providers = [{ provide: NotificationConfig, useValue: config }];
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}

/** The notification service. */
@Module({
  imports: [
    StoreModule,
    BullModule.forRootAsync({
      inject: [NotificationConfig],
      useFactory: (config: NotificationConfig) => ({
        url: config.REDIS_URL,
        prefix: `${config.MESSAGING_NAMESPACE}bull`,
      }),
    }),
    MessagingModule.forRootAsync({
      app: 'notification',
      consumes: { ...CONTACTS_CONSUMES, ...MESSAGES_CONSUMES },
      publishes: [],
      inbox: 'mongo',
      outbox: false,
      inject: [NotificationConfig],
      useFactory: (config: NotificationConfig) => ({
        urls: config.RABBITMQ_URL,
        namespace: config.MESSAGING_NAMESPACE,
      }),
    }),
    AccessModule.forRootAsync({
      inject: [NotificationConfig],
      useFactory: (config: NotificationConfig) => ({
        issuer: config.AUTH_ISSUER,
        audience: 'notification',
        jwksUrl: config.AUTH_JWKS_URL,
        redisUrl: config.REDIS_URL,
      }),
    }),
    ThrottlingModule.forRootAsync({
      inject: [NotificationConfig],
      useFactory: (config: NotificationConfig) => ({ redisUrl: config.REDIS_URL, app: 'notification' }),
    }),
    HealthModule.forRootAsync({
      inject: [getConnectionToken(), MessagingHealth],
      useFactory: (mongo: Connection, messaging: MessagingHealth) => [
        { name: 'mongodb', critical: true, check: async () => (await mongo.asPromise()).db!.command({ ping: 1 }) },
        { name: 'rabbitmq', critical: false, check: () => connected(messaging) },
      ],
    }),
    DeadLettersModule.forRootAsync({
      imports: [AuditModule],
      inject: [AuditRepository],
      useFactory:
        (audit: AuditRepository): RecordAct =>
        ({ actor, action, consumer, ids, reason }) =>
          audit.record(actor, action, consumer, {
            messages: ids.length,
            ids: ids.join(' '),
            ...(reason && { reason }),
          }),
    }),
    ContactsModule,
    InboxModule,
    MessagesModule,
    CampaignsModule,
    PreferencesModule,
    SuppressionsModule,
    TemplateEditingModule,
    UsersModule,
    PanelModule,
  ],
  providers: [{ provide: APP_INTERCEPTOR, useClass: StoreFaultsInterceptor }],
})
export class NotificationModule {
  /** The service with its configuration. */
  static with(config: NotificationConfig): DynamicModule {
    return { module: NotificationModule, imports: [ConfigModule.with(config)] };
  }
}

async function connected(messaging: MessagingHealth): Promise<void> {
  const { connected: up } = await messaging.status();
  if (!up) throw new Error('not connected');
}
