import { setImmediate } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Broker } from '../broker/broker.js';
import type { BrokerConnection } from '../broker/broker-connection.js';
import { answerOf } from '../broker/deadline.js';
import { consumed, effectDelay } from '../messaging.metrics.js';
import { Acknowledger } from './acknowledger.js';
import type { Delivery } from './delivery.js';
import type { Effects, Outcome } from './effects.js';
import type { FailureRouter } from './failures.js';
import { Quarantine } from './quarantine.js';
import { MessageTooLargeError, type Parsed, parseDelivery, redeliveriesOf } from './received.js';

/** Redeliveries after which a message is suspected of killing the process. */
const SUSPECT_AFTER = 2;

interface QueueConsumerOptions {
  consumer: string;
  prefetch: number;
  maxMessageBytes: number;
  effects: Effects;
  handler: (parsed: Parsed) => Pick<Delivery, 'invoke' | 'sideBySide'>;
}

interface Subscription {
  channel: Channel;
  tag: string;
}

/** Takes the messages of one queue, lets their handlers run and answers each exactly once. */
export class QueueConsumer {
  private readonly logger = new Logger('Events');
  private readonly waiting: Delivery[] = [];
  private main: Subscription | undefined;
  private alone: Subscription | undefined;
  private busy = 0;
  /** Messages taken and not yet answered, moves to other queues included. */
  private inHand = 0;
  private stopping = false;
  private readonly quarantine: Quarantine;
  private idle: (() => void)[] = [];

  constructor(
    private readonly options: QueueConsumerOptions,
    private readonly broker: Broker,
    private readonly failures: FailureRouter,
  ) {
    this.quarantine = new Quarantine(broker.topology.quarantine(options.consumer), () => this.pump());
    broker.openQuarantine(options.consumer, (model) => this.subscribeAlone(model));
  }

  get consumer(): string {
    return this.options.consumer;
  }

  /** Starts consuming on a new connection; what was in hand on the old one is delivered again. */
  async subscribe(model: ChannelModel): Promise<void> {
    const { consumer, prefetch } = this.options;
    const { consuming, topology } = this.broker;
    this.forget();
    const channel = await this.openChannel(consuming, model, prefetch);
    this.main = await this.consume(consuming, channel, topology.queue(consumer), (message, acks) =>
      this.take(acks, message),
    );
  }

  private async subscribeAlone(model: ChannelModel): Promise<void> {
    const { consumer } = this.options;
    const connection = this.broker.quarantines.get(consumer)!;
    const channel = await this.openChannel(connection, model, 1);
    await this.quarantine.open(channel);
    this.alone = await this.consume(
      connection,
      channel,
      this.broker.topology.quarantine(consumer),
      (message, acks) => void this.takeAlone(acks, message),
    );
  }

  /** The connection is gone: its deliveries will come again. */
  forget(): void {
    this.waiting.length = 0;
    this.main = undefined;
  }

  /** Takes no more; resolves when everything in hand is answered. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.quarantine.close();
    const subscriptions = [this.main, this.alone].filter((subscription) => subscription !== undefined);
    await Promise.all(
      subscriptions.map(({ channel, tag }) => answerOf('the end', channel.cancel(tag)).catch(() => undefined)),
    );
    // Not yet begun: they go back to the queue when the channel closes.
    this.waiting.length = 0;
    if (this.inHand > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    // The acknowledgements of this tick are sent at its end.
    await setImmediate();
    await Promise.all(subscriptions.map(({ channel }) => this.broker.retire(channel)));
  }

  private async openChannel(connection: BrokerConnection, model: ChannelModel, prefetch: number): Promise<Channel> {
    const channel = await model.createChannel();
    this.broker.renewOnClose(connection, channel);
    await channel.prefetch(prefetch);
    return channel;
  }

  private async consume(
    connection: BrokerConnection,
    channel: Channel,
    queue: string,
    take: (message: ConsumeMessage, acks: Acknowledger) => void,
  ): Promise<Subscription> {
    const acks = new Acknowledger(channel);
    const { consumerTag } = await channel.consume(queue, (message) => {
      // null: the broker cancelled us, because the queue was deleted or its leader moved.
      if (message) {
        acks.took(message);
        take(message, acks);
      } else void connection.restart(`the broker cancelled the consumer of ${queue}`);
    });
    return { channel, tag: consumerTag };
  }

  private take(acks: Acknowledger, message: ConsumeMessage): void {
    if (this.stopping) return;
    if (redeliveriesOf(message) >= SUSPECT_AFTER) return void this.suspect(acks, message);
    const delivery = this.parse(acks, message);
    if (!delivery) return;
    this.waiting.push(delivery);
    // Deliveries of one read of the socket arrive in one tick: let them gather.
    if (this.waiting.length === 1) void setImmediate().then(() => this.pump());
  }

  private parse(acks: Acknowledger, message: ConsumeMessage): Delivery | undefined {
    try {
      const parsed = parseDelivery(message, this.options.maxMessageBytes);
      const triedBefore = parsed.received.attempt > 1 || redeliveriesOf(message) > 0;
      return { acks, message, triedBefore, received: parsed.received, ...this.options.handler(parsed) };
    } catch (error) {
      if (error instanceof MessageTooLargeError) this.refuse(acks, message, error);
      else void this.hold(() => this.fail(acks, message, error));
      return undefined;
    }
  }

  private pump(): void {
    const { effects, consumer } = this.options;
    while (this.waiting.length > 0 && this.busy < effects.concurrency && !this.quarantine.resting && !this.stopping) {
      const batch = this.waiting.splice(0, effects.batchSize);
      this.busy++;
      this.inHand += batch.length;
      const settle = (delivery: Delivery, outcome: Outcome): void =>
        void this.finish(() => this.settle(delivery, outcome));
      void effects.run(consumer, batch, settle).then(() => {
        this.busy--;
        this.pump();
      });
    }
  }

  private async settle({ acks, message, received }: Delivery, outcome: Outcome): Promise<void> {
    const { consumer } = this.options;
    if (outcome.is === 'failed') return this.fail(acks, message, outcome.error);
    acks.settle(message);
    consumed.inc({ consumer, outcome: outcome.is });
    if (outcome.is === 'done')
      effectDelay.observe({ consumer }, (Date.now() - Date.parse(received.occurredAt)) / 1_000);
  }

  private async fail(acks: Acknowledger, message: ConsumeMessage, error: unknown): Promise<void> {
    const outcome = await this.failures.move(this.options.consumer, message, error);
    acks.settle(message);
    consumed.inc({ consumer: this.options.consumer, outcome });
  }

  /** To send it again for its own sake would cost everybody else's time, and a broker with a limit would not take it. */
  private refuse(acks: Acknowledger, message: ConsumeMessage, { message: text }: MessageTooLargeError): void {
    const { consumer } = this.options;
    this.logger.error(`${consumer}: ${message.properties.messageId} is a dead letter, unread: ${text}`);
    acks.reject(message);
    consumed.inc({ consumer, outcome: 'dead' });
  }

  private suspect(acks: Acknowledger, message: ConsumeMessage): void {
    const move = async (): Promise<void> => {
      await this.failures.quarantine(this.options.consumer, message);
      acks.settle(message);
      consumed.inc({ consumer: this.options.consumer, outcome: 'quarantine' });
    };
    void this.hold(() => this.quarantine.whileMoving(move));
  }

  /** Tries one suspect while the rest of the consumer rests; the broker counts how often it gets no answer. */
  private async takeAlone(acks: Acknowledger, message: ConsumeMessage): Promise<void> {
    if (this.stopping) return;
    const { consumer, effects } = this.options;
    const delivery = this.parse(acks, message);
    if (!delivery) return;
    const attempt = (): Promise<Outcome> =>
      new Promise((resolve) => void effects.run(consumer, [delivery], (_, final) => resolve(final)));
    // Where it goes afterwards may take long to answer, and the rest need not wait for that.
    await this.hold(async () => this.settle(delivery, await this.quarantine.whileTrying(attempt)));
  }

  /** Counts work as in hand until it is done. */
  private hold(work: () => Promise<void>): Promise<void> {
    this.inHand++;
    return this.finish(work);
  }

  /** Does the last piece of work for a message in hand; what fails here was cut off by the end of the process or the connection. */
  private async finish(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.stopping) this.logger.error(error);
    } finally {
      this.inHand--;
      if (this.inHand === 0) for (const resolve of this.idle.splice(0)) resolve();
    }
  }
}
