import type { Channel, ConsumeMessage } from 'amqplib';
import type { Received } from './received.js';

/** A message in hand, with what it takes to handle and to answer it. */
export interface Delivery {
  message: ConsumeMessage;
  channel: Channel;
  received: Received;
  invoke: () => Promise<void>;
}

/** Acknowledges; a channel that has closed meanwhile is no fault: the broker delivers again and the inbox knows. */
export function acknowledge(channel: Channel, message: ConsumeMessage): void {
  try {
    channel.ack(message);
  } catch {
    // IllegalOperationError: the channel is closed.
  }
}
