import type { ConsumeMessage } from 'amqplib';
import type { Acknowledger } from './acknowledger.js';
import type { Received } from './received.js';

/** A message in hand, with what it takes to handle and to answer it. */
export interface Delivery {
  message: ConsumeMessage;
  acks: Acknowledger;
  received: Received;
  /** It failed or was cut off before, so it may do so again. */
  triedBefore: boolean;
  /** Its handler may run beside others of the same group. */
  sideBySide: boolean;
  invoke: () => Promise<void>;
}
