import type { ConfirmChannel, Options } from 'amqplib';
import { UnavailableError } from '#libs/errors';

/** What became of a message the broker answered for: it is in a queue, or no queue wanted it. */
export type PublishResult = 'confirmed' | 'returned';

/** How long overdue confirms are waited for on the same channel before it is given up. */
const OWING_MS = 10_000;

/** Publishes persistent, mandatory messages and waits for the broker's confirm. */
export class ConfirmPublisher {
  private channel: ConfirmChannel | undefined;
  private sequence = 0;
  private overdue = 0;
  private readonly returned = new Set<string>();
  private patience: NodeJS.Timeout | undefined;

  /** `onOwing` is called when the broker still owes confirms long after we stopped waiting for them. */
  constructor(
    private readonly confirmTimeoutMs: number,
    private readonly onCaughtUp: () => void = () => undefined,
    private readonly onOwing: () => void = () => undefined,
  ) {}

  attach(channel: ConfirmChannel): void {
    this.channel = channel;
    this.overdue = 0;
    clearInterval(this.patience);
    this.returned.clear();
    // RabbitMQ sends the return before the confirm of the same message.
    channel.on('return', (message) => this.returned.add(String(message.properties.correlationId)));
    channel.once('close', () => {
      if (this.channel !== channel) return;
      this.channel = undefined;
      clearInterval(this.patience);
    });
  }

  /** False without a channel, and while the broker owes confirms we stopped waiting for: more would only pile up in memory. */
  get ready(): boolean {
    return this.channel !== undefined && this.overdue === 0;
  }

  /**
   * Resolves once the broker has answered. Throws `UnavailableError` when there is no connection, it is lost, or the
   * confirm does not come in time; the message may then be in its queue or not.
   */
  publish(exchange: string, routingKey: string, body: Buffer, options: Options.Publish): Promise<PublishResult> {
    const channel = this.channel;
    if (!channel) return Promise.reject(new UnavailableError('The message broker'));
    const correlationId = String(++this.sequence);
    return new Promise<PublishResult>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        if (channel === this.channel) this.owe();
        reject(new UnavailableError("The message broker's confirm"));
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

  /** A queue whose leader died may never confirm what it was sent: then only a new channel gets on. */
  private owe(): void {
    if (this.overdue++ === 0) this.patience = setInterval(() => this.onOwing(), OWING_MS).unref();
  }

  private settleLate(): void {
    this.overdue--;
    if (this.overdue > 0) return;
    clearInterval(this.patience);
    this.onCaughtUp();
  }
}
