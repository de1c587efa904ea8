import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { Broker } from './broker/broker.js';
import { EventsServer } from './consuming/events.server.js';
import { MessagingHealth } from './messaging.health.js';
import {
  keepsInboxTable,
  MESSAGING,
  type MessagingModuleOptions,
  type MessagingSettings,
  resolveMessaging,
} from './messaging.options.js';
import { DeadLettersCommand } from './dead-letters/dead-letters.command.js';
import { DeadLettersService } from './dead-letters/dead-letters.service.js';
import { EventTablesJanitorService } from './outbox/event-tables.janitor.service.js';
import { OutboxCommand } from './outbox/outbox.command.js';
import { OutboxReplayService } from './outbox/outbox.replay.service.js';
import { Outbox } from './outbox/outbox.js';
import { OutboxRelay } from './outbox/outbox.relay.js';
import { OutboxRepository } from './outbox/outbox.repository.js';
import { OutboxSignal } from './outbox/outbox.signal.js';

/** An app's part in the event flow, for every module of the app. */
@Module({})
export class MessagingModule {
  /** An app with an outbox or an inbox in PostgreSQL must import DatabaseModule as well. */
  static forRootAsync(options: MessagingModuleOptions): DynamicModule {
    const outbox: Provider[] = options.outbox
      ? [OutboxRepository, OutboxSignal, OutboxRelay, Outbox, OutboxReplayService, OutboxCommand]
      : [];
    const tables: Provider[] = options.outbox || keepsInboxTable(options) ? [EventTablesJanitorService] : [];
    return {
      module: MessagingModule,
      global: true,
      imports: options.imports ?? [],
      providers: [
        {
          provide: MESSAGING,
          inject: options.inject ?? [],
          useFactory: async (...dependencies: unknown[]) =>
            resolveMessaging(options, (await options.useFactory(...dependencies)) as MessagingSettings),
        },
        Broker,
        EventsServer,
        MessagingHealth,
        DeadLettersService,
        DeadLettersCommand,
        ...tables,
        ...outbox,
      ],
      exports: [
        EventsServer,
        MessagingHealth,
        DeadLettersService,
        ...(options.outbox ? [Outbox, OutboxReplayService] : []),
      ],
    };
  }
}
