import { Inject, Injectable, Optional } from '@nestjs/common';
import { Broker } from './broker/broker.js';
import { MESSAGING, type ResolvedMessaging } from './messaging.options.js';
import { outboxLag } from './messaging.metrics.js';
import { OutboxRepository } from './outbox/outbox.repository.js';

/** How the app's part in the event flow is doing. */
export interface MessagingStatus {
  connected: boolean;
  /** The broker has an alarm and accepts nothing. */
  blocked: boolean;
  consumers: string[];
  /** Age of the oldest outbox row that is due. */
  outboxLagSeconds: number;
  /** What is not as it should be, one phrase each; HTTP requests are served all the same. */
  degraded: string[];
}

/** A relay that works is never this far behind. */
const LAG_LIMIT_SECONDS = 30;

@Injectable()
export class MessagingHealth {
  constructor(
    @Inject(MESSAGING) private readonly messaging: ResolvedMessaging,
    private readonly broker: Broker,
    @Optional() private readonly outbox?: OutboxRepository,
  ) {}

  /** Never throws: what cannot be asked is reported as degraded. */
  async status(): Promise<MessagingStatus> {
    const { publishing, consuming } = this.broker;
    const consumers = Object.keys(this.messaging.consumes);
    const connected = publishing.connected && (consumers.length === 0 || consuming.connected);
    const degraded: string[] = [];
    if (!connected)
      degraded.push(`broker not connected: ${(publishing.fault ?? consuming.fault)?.message ?? 'connecting'}`);
    if (publishing.blocked) degraded.push('broker alarm: nothing is accepted');
    else if (connected) degraded.push(...this.faultsAside());
    const outboxLagSeconds = await this.outboxLag(degraded);
    return { connected, blocked: publishing.blocked, consumers, outboxLagSeconds, degraded };
  }

  /** What keeps messages that could not be handled where they are; the others are handled all the same. */
  private faultsAside(): string[] {
    if (this.broker.quarantines.size === 0) return [];
    const faults = [...this.broker.quarantines]
      .filter(([, connection]) => !connection.connected)
      .map(([consumer, { fault }]) => `quarantine of ${consumer}: ${fault?.message ?? 'connecting'}`);
    if (!this.broker.mover.ready)
      faults.push(
        `failed messages cannot be moved: ${this.broker.moving.fault?.message ?? 'the broker does not confirm'}`,
      );
    return faults;
  }

  private async outboxLag(degraded: string[]): Promise<number> {
    if (!this.messaging.outbox || !this.outbox) return 0;
    try {
      const { lagSeconds, unroutable } = await this.outbox.backlog();
      outboxLag.set(lagSeconds);
      if (lagSeconds > LAG_LIMIT_SECONDS) degraded.push(`outbox ${Math.round(lagSeconds)} s behind`);
      if (unroutable > 0) degraded.push(`${unroutable} events no queue takes`);
      return lagSeconds;
    } catch {
      degraded.push('outbox lag unknown: database not available');
      return 0;
    }
  }
}
