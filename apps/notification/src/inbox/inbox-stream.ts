import type { MessageEvent } from '@nestjs/common';
import type { Subscriber } from 'rxjs';
import { DomainError } from '#libs/errors';
import { notificationDto } from './inbox.service.js';
import type { Notification } from './notification.schema.js';
import type { StreamPosition } from './stream-position.js';

/** Proxies close what is silent for longer. */
const SILENCE_MS = 15_000;

/** One open stream: reads on from its position whenever it is told to look. */
export class InboxStream {
  private reading = false;
  private again = false;
  private lastSent = 0;

  constructor(
    private readonly read: (since: Date) => AsyncIterable<Notification>,
    private readonly verify: () => Promise<unknown>,
    private readonly position: StreamPosition,
    private readonly subscriber: Subscriber<MessageEvent>,
  ) {}

  /** Says where the stream begins, so that whoever loses it at once can come back there, and sends what is there. */
  begin(): void {
    this.send('ready', {});
    this.look();
  }

  end(): void {
    this.subscriber.complete();
  }

  /** Sends what has arrived; asked while it does so, it looks once more. */
  look(): void {
    this.again = true;
    if (!this.reading) void this.readOn();
  }

  /** Ends with the session and with the token; a service that cannot tell leaves the stream as it is. */
  async endUnlessAllowed(): Promise<void> {
    try {
      await this.verify();
      if (Date.now() - this.lastSent > SILENCE_MS) this.send('ping', {});
    } catch (error) {
      if (!(error instanceof DomainError && error.kind === 'unavailable')) this.end();
    }
  }

  private async readOn(): Promise<void> {
    this.reading = true;
    try {
      while (this.again && !this.subscriber.closed) {
        this.again = false;
        for await (const notification of this.read(this.position.since)) {
          if (this.subscriber.closed) return;
          if (!this.position.pass(notification._id, notification.arrivedAt!)) continue;
          this.send('notification', notificationDto(notification));
        }
      }
    } catch {
      // The store is away: what is missing comes with the next look.
    } finally {
      this.reading = false;
    }
  }

  private send(type: string, data: object): void {
    this.lastSent = Date.now();
    this.subscriber.next({ type, id: this.position.toString(), data });
  }
}
