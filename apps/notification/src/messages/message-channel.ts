import { uuidv7 } from '#libs/contracts';
import type { Contact } from '../contacts/contact.schema.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { TEMPLATES } from '../templates/template.js';
import type { Said } from './rules.js';

/** A way to reach a user. What is said twice under one key is said once. */
export abstract class MessageChannel {
  /** Whether this message goes this way at all. */
  abstract takes(said: Said): boolean;

  /** Writes down what is to be delivered and sets out to do it. */
  abstract say(key: string, said: Said, contact: Contact | undefined): Promise<void>;
}

/** A delivery of a single message that waits to be sent. */
export function deliveryOf(messageKey: string, { template, userId }: Said, channel: Delivery['channel']): Delivery {
  const now = new Date();
  const kind = TEMPLATES[template].class;
  return {
    _id: uuidv7(),
    messageKey,
    userId,
    channel,
    class: kind,
    lane: kind === 'security' ? 'security' : 'standard',
    template,
    state: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    createdAt: now,
  };
}
