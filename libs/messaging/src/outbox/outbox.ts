import { Inject, Injectable } from '@nestjs/common';
import {
  assertPublishable,
  type ContractClass,
  contractOf,
  ContractViolation,
  type Envelope,
  routingKeyOf,
  uuidv7,
} from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { activeTraceparent } from '../tracing.js';
import { OutboxRelay } from './outbox.relay.js';
import { type OutboxMessage, OutboxRepository } from './outbox.repository.js';

/** Whom an event is about. */
export interface About {
  aggregateId: string;
  /** Grows with each change of the aggregate. */
  aggregateVersion: number;
}

/** Where a use case says what happened. */
@Injectable()
export class Outbox {
  constructor(
    @Inject(MESSAGING) private readonly messaging: ResolvedMessaging,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: OutboxRepository,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * Records an event in the ambient transaction, to be published once that commits, and returns the message's id.
   * Throws outside a transaction, when the payload breaks its contract or is too large for a message, and when the app does
   * not list it in `publishes`.
   */
  async add(event: object, about: About): Promise<string> {
    this.unitOfWork.requireTransaction();
    const message = this.message(event, about);
    await this.repository.insert(message);
    this.announce();
    return message.envelope.id;
  }

  /** Announces rows that the database itself has put into the outbox: once the ambient transaction commits, at once when there is none. */
  announce(): void {
    this.unitOfWork.afterCommit(() => this.relay.announce());
  }

  private message(event: object, about: About): OutboxMessage {
    const cls = event.constructor as ContractClass;
    if (!this.messaging.publishes.includes(cls))
      throw new Error(`${cls.name} is not in the app's list of published contracts`);
    assertPublishable(event);
    const { name, version } = contractOf(cls);
    const envelope: Envelope = {
      id: uuidv7(),
      name,
      version,
      occurredAt: new Date().toISOString(),
      producer: this.messaging.app,
      aggregateId: about.aggregateId,
      aggregateVersion: about.aggregateVersion,
      traceparent: activeTraceparent(),
      payload: event,
    };
    const body = JSON.stringify(envelope);
    const bytes = Buffer.byteLength(body);
    // No broker would take it, and the relay would try for ever.
    if (bytes > this.messaging.maxMessageBytes) {
      throw new ContractViolation(
        'message.too_large',
        `${name}.v${version}: ${bytes} bytes are too many for a message`,
      );
    }
    return { routingKey: routingKeyOf(cls), envelope, body };
  }
}
