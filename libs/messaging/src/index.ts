export { Consumes, type ConsumesOptions } from './consuming/consumes.decorator.js';
export { EventsServer } from './consuming/events.server.js';
export { type Received } from './consuming/received.js';
export { MessagingHealth, type MessagingStatus } from './messaging.health.js';
export { MessagingModule } from './messaging.module.js';
export { type MessagingModuleOptions, type MessagingSettings } from './messaging.options.js';
export { type About, Outbox } from './outbox/outbox.js';
export { OutboxReplayService, type ReplayRequest } from './outbox/outbox.replay.service.js';
export {
  type DeadLetter,
  type DeadLetterQueue,
  DeadLettersService,
  type Selection,
} from './dead-letters/dead-letters.service.js';
