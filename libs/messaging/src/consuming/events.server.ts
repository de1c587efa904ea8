import { Inject, Injectable, Optional } from '@nestjs/common';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { ChannelModel } from 'amqplib';
import { isObservable, lastValueFrom } from 'rxjs';
import { UnitOfWork } from '#libs/database';
import { Broker } from '../broker/broker.js';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { handling } from '../messaging.metrics.js';
import { EventTablesJanitorService } from '../outbox/event-tables.janitor.service.js';
import { OutboxRelay } from '../outbox/outbox.relay.js';
import { withMessageSpan } from '../tracing.js';
import { checkClaims } from './claims.js';
import { EVENTS_TRANSPORT, patternOf } from './consumes.decorator.js';
import type { Delivery } from './delivery.js';
import { type Effects, GroupedEffects, PlainEffects } from './effects.js';
import { FailureRouter } from './failures.js';
import { InboxRepository } from './inbox.repository.js';
import { QueueConsumer } from './queue-consumer.js';
import { QueueWatch } from './queue-watch.js';
import { type Parsed, PoisonMessageError } from './received.js';

/**
 * Nest's transport for events: `app.connectMicroservice({ strategy: app.get(EventsServer) })`. Starting does not wait for
 * the broker; it fails when handlers and claims differ or the broker's topology is another one.
 */
@Injectable()
export class EventsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = EVENTS_TRANSPORT;
  private readonly consumers: QueueConsumer[] = [];
  private readonly closed = new AbortController();
  private readonly watch: QueueWatch;
  private closing: Promise<void> | undefined;

  constructor(
    @Inject(MESSAGING) private readonly messaging: ResolvedMessaging,
    private readonly broker: Broker,
    @Optional() private readonly relay?: OutboxRelay,
    @Optional() private readonly janitor?: EventTablesJanitorService,
    @Optional() private readonly unitOfWork?: UnitOfWork,
  ) {
    super();
    this.watch = new QueueWatch(broker, Object.keys(messaging.consumes));
  }

  listen(callback: (fault?: unknown) => void): void {
    this.start().then(() => callback(), callback);
  }

  /** Takes no more messages, finishes what is in hand within the deadline, then closes the connections. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** Nest destroys modules before it closes transports: handlers must be done while what they use is still there. */
  onModuleDestroy(): Promise<void> {
    return this.close();
  }

  on(): void {
    throw new Error('The events transport emits no events of its own; see MessagingHealth');
  }

  unwrap<T>(): T {
    return this.broker as T;
  }

  private async start(): Promise<void> {
    checkClaims(this.messaging.consumes, this.messageHandlers);
    const failures = new FailureRouter(this.broker, this.messaging, this.closed.signal);
    for (const consumer of Object.keys(this.messaging.consumes))
      this.consumers.push(this.consumerOf(consumer, failures));
    this.broker.whenConsuming(
      (model) => this.subscribe(model),
      () => this.consumers.forEach((consumer) => consumer.forget()),
    );
    this.relay?.start();
    this.janitor?.start();
    this.watch.start();
    await this.broker.start();
  }

  private async subscribe(model: ChannelModel): Promise<void> {
    for (const consumer of this.consumers) await consumer.subscribe(model);
  }

  private consumerOf(consumer: string, failures: FailureRouter): QueueConsumer {
    const { maxMessageBytes } = this.messaging;
    const prefetch = this.messaging.prefetchOf(consumer);
    const handler = (parsed: Parsed): Pick<Delivery, 'invoke' | 'sideBySide'> => this.handlerOf(consumer, parsed);
    return new QueueConsumer(
      { consumer, prefetch, maxMessageBytes, effects: this.effectsOf(consumer), handler },
      this.broker,
      failures,
    );
  }

  private effectsOf(consumer: string): Effects {
    const { handlerTimeoutMs } = this.messaging;
    if (this.messaging.inboxOf(consumer) !== 'postgres')
      return new PlainEffects(this.messaging.prefetchOf(consumer), handlerTimeoutMs);
    if (!this.unitOfWork) throw new Error("An inbox in PostgreSQL needs DatabaseModule in the app's imports");
    return new GroupedEffects(this.unitOfWork, new InboxRepository(this.unitOfWork), handlerTimeoutMs);
  }

  private handlerOf(
    consumer: string,
    { routingKey, traceparent, received }: Parsed,
  ): Pick<Delivery, 'invoke' | 'sideBySide'> {
    const handler = this.messageHandlers.get(patternOf(consumer, routingKey));
    if (!handler) throw new PoisonMessageError('message.not_consumed', `${consumer} has no handler for ${routingKey}`);
    const invoke = async (): Promise<void> => {
      const stop = handling.startTimer({ consumer });
      await withMessageSpan(`${consumer} process`, traceparent, async () => {
        const result: unknown = await handler(received, undefined);
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      });
      stop();
    };
    return { invoke, sideBySide: handler.extras?.['sideBySide'] === true };
  }

  private async shutDown(): Promise<void> {
    this.watch.stop();
    this.janitor?.stop();
    const drained = Promise.all([...this.consumers.map((consumer) => consumer.stop()), this.relay?.stop()]);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.messaging.drainTimeoutMs);
    });
    await Promise.race([drained, deadline]);
    clearTimeout(timer);
    this.closed.abort();
    await this.broker.close();
  }
}
