export { Consumes } from './consuming/consumes.decorator.js';
export { EventsServer } from './consuming/events.server.js';
export { type Received } from './consuming/received.js';
export { MessagingHealth, type MessagingStatus } from './messaging.health.js';
export { MessagingModule } from './messaging.module.js';
export { type MessagingModuleOptions, type MessagingSettings } from './messaging.options.js';
export { type About, Outbox } from './outbox/outbox.js';
