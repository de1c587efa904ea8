import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { ProviderEventHandlers } from './provider-event-handlers.js';
import { PaymentProvider } from './payment-provider.js';
import { ProviderEventsRepository } from './provider-events.repository.js';

/** Events worked on at once; each may wait for the provider, and some of the connection pool stays with requests. */
const LANES = 6;

/** The provider's messages: taken in at the door, worked off from the table. */
@Injectable()
export class ProviderEventsService {
  private readonly logger = new Logger(ProviderEventsService.name);
  private readonly lanes = new Set<Promise<unknown>>();

  constructor(
    private readonly repository: ProviderEventsRepository,
    private readonly provider: PaymentProvider,
    private readonly handlers: ProviderEventHandlers,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks and keeps a delivery; when this returns, it is committed and may be answered with 200. Work on it starts at once but is
   * not waited for. Throws WebhookRefusedError (400) or UnavailableError (503, so that the provider sends it again).
   */
  async receive(body: Buffer, signature: string | undefined): Promise<void> {
    const event = this.provider.readEvent(body, signature, await this.clock.now());
    await this.repository.insert(event);
    this.work().catch((error: unknown) => this.logger.warn(error));
  }

  /** Takes in what the provider could not deliver since a moment; returns how many messages were new. Throws UnavailableError. */
  async fetchUndelivered(since: Date): Promise<number> {
    let added = 0;
    for (const event of await this.provider.undeliveredEvents(since)) {
      if (await this.repository.insert(event)) added += 1;
    }
    await this.work();
    return added;
  }

  /** Works off what is due, some at a time, so that one that takes long keeps no other waiting; other processes take other rows. */
  async work(): Promise<void> {
    while (this.lanes.size >= LANES) await Promise.race(this.lanes);
    await this.openLane();
    await Promise.all(this.lanes);
  }

  /** Leaves what was never finished at its last try for a person, and tells the operators. */
  async giveUp(): Promise<void> {
    for (const eventId of await this.repository.giveUp()) {
      this.logger.error({ eventId }, 'provider event given up: its last try was never finished');
    }
  }

  private openLane(): Promise<void> {
    const running = this.drain();
    const lane: Promise<unknown> = running.catch(() => undefined).finally(() => this.lanes.delete(lane));
    this.lanes.add(lane);
    return running;
  }

  private async drain(): Promise<void> {
    for (;;) {
      const [event] = await this.repository.claim(1);
      if (!event) return;
      // Where there is one there may be more: another lane looks while this one is busy.
      if (this.lanes.size < LANES) this.openLane().catch((error: unknown) => this.logger.warn(error));
      await this.handle(event);
    }
  }

  private async handle(event: Parameters<ProviderEventHandlers['handle']>[0]): Promise<void> {
    try {
      await this.repository.finish(event.id, (await this.handlers.handle(event)) ? 'done' : 'ignored');
    } catch (error) {
      const dead = await this.repository.fail(event.id, (error as Error).message);
      this.logger[dead ? 'error' : 'warn'](
        { err: error, eventId: event.id, type: event.type },
        'provider event failed',
      );
    }
  }
}
