import type { ConfirmChannel, Options } from 'amqplib';
import { UnavailableError } from '#libs/errors';

/** What became of a message the broker answered for: it is in a queue, or no queue wanted it. */
export type PublishResult = 'confirmed' | 'returned';

/** How long overdue confirms are waited for on the same channel before it is given up. */
const OWING_MS = 10_000;
/** How long a channel on which the broker refuses messages is rested before it is given up. */
const REFUSED_MS = 1_000;

/** Publishes persistent, mandatory messages and waits for the broker's confirm. */
export class ConfirmPublisher {
  private channel: ConfirmChannel | undefined;
  private sequence = 0;
  private overdue = 0;
  private refused = false;
  private readonly returned = new Set<string>();
  private patience: NodeJS.Timeout | undefined;

  /** `onUseless` is called when only a new channel gets on: the broker owes confirms for long, or refuses messages. */
  constructor(
    private readonly confirmTimeoutMs: number,
    private readonly onCaughtUp: () => void = () => undefined,
    private readonly onUseless: () => void = () => undefined,
  ) {}

  attach(channel: ConfirmChannel): void {
    this.channel = channel;
    this.overdue = 0;
    this.refused = false;
    clearInterval(this.patience);
    this.returned.clear();
    channel.on('nack', () => this.refuse(channel));
    // RabbitMQ sends the return before the confirm of the same message.
    channel.on('return', (message) => this.returned.add(String(message.properties.correlationId)));
    channel.once('close', () => {
      if (this.channel !== channel) return;
      this.channel = undefined;
      clearInterval(this.patience);
    });
  }

  /**
   * False without a channel, while the broker owes confirms we stopped waiting for (more would only pile up in memory), and
   * after it has refused a message.
   */
  get ready(): boolean {
    return this.channel !== undefined && this.overdue === 0 && !this.refused;
  }

  /**
   * Resolves once the broker has answered. Throws `UnavailableError` when there is no connection, it is lost, or the
   * confirm does not come in time; the message may then be in its queue or not.
   */
  publish(exchange: string, routingKey: string, body: Buffer, options: Options.Publish): Promise<PublishResult> {
    return this.send(exchange, routingKey, body, options, false);
  }

  /**
   * As `publish`, for what has no deadline: waits for the confirm until the channel is given up. To send again what the broker
   * is slow to confirm would only make it slower.
   */
  publishPatiently(
    exchange: string,
    routingKey: string,
    body: Buffer,
    options: Options.Publish,
  ): Promise<PublishResult> {
    return this.send(exchange, routingKey, body, options, true);
  }

  private send(
    exchange: string,
    routingKey: string,
    body: Buffer,
    options: Options.Publish,
    patiently: boolean,
  ): Promise<PublishResult> {
    const channel = this.channel;
    if (!channel) return Promise.reject(new UnavailableError('The message broker'));
    const correlationId = String(++this.sequence);
    return new Promise<PublishResult>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        if (channel === this.channel) this.owe();
        if (!patiently) reject(new UnavailableError("The message broker's confirm"));
      }, this.confirmTimeoutMs);
      const answered = (error: unknown): void => {
        clearTimeout(timer);
        if (late && channel === this.channel) this.settleLate();
        if (error) reject(new UnavailableError('The message broker', error));
        else resolve(this.returned.delete(correlationId) ? 'returned' : 'confirmed');
      };
      try {
        channel.publish(
          exchange,
          routingKey,
          body,
          { ...options, correlationId, mandatory: true, persistent: true },
          answered,
        );
      } catch (error) {
        answered(error);
      }
    });
  }

  /** A queue whose leader died may never confirm what it was sent. */
  private owe(): void {
    if (this.overdue++ === 0 && !this.refused) this.giveUpAfter(OWING_MS);
  }

  private settleLate(): void {
    this.overdue--;
    if (this.overdue > 0 || this.refused) return;
    clearInterval(this.patience);
    this.onCaughtUp();
  }

  /** A channel whose first message to a queue comes while the queue's leader is dead refuses all further ones, new leader or not. */
  private refuse(channel: ConfirmChannel): void {
    if (this.refused || channel !== this.channel) return;
    this.refused = true;
    this.giveUpAfter(REFUSED_MS);
  }

  /** Again and again, because an alarm may forbid it the first time. */
  private giveUpAfter(milliseconds: number): void {
    clearInterval(this.patience);
    this.patience = setInterval(() => this.onUseless(), milliseconds).unref();
  }
}
