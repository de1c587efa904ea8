import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { UnavailableError } from '#libs/errors';

/** amqplib waits for ever for the broker's answer to a call; a node that lives and does not answer must not hold anybody up. */
const ANSWER_TIMEOUT_MS = 5_000;
const GOODBYE_TIMEOUT_MS = 1_000;

/** The broker's answer to a call, or `UnavailableError` when it does not come in time. */
export async function answerOf<T>(what: string, call: Promise<T>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(`The message broker's answer to ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes a connection with the handshake, or without when the broker does not take part: its `close` event surely follows. */
export async function hangUp(model: ChannelModel): Promise<void> {
  await Promise.race([model.close().catch(() => undefined), delay(GOODBYE_TIMEOUT_MS, undefined, { ref: false })]);
  // Without an error amqplib would not notice that its socket is gone. On one that is closed already this does nothing.
  const { stream } = model.connection as unknown as { stream: Duplex };
  stream.destroy(new Error('The broker did not end the connection in time'));
}
