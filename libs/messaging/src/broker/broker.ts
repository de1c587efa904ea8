import type { Channel, ChannelModel } from 'amqplib';
import { Inject, Injectable } from '@nestjs/common';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { BrokerConnection } from './broker-connection.js';
import { answerOf } from './deadline.js';
import { ConfirmPublisher } from './confirm-publisher.js';
import { Topology } from './topology.js';

/**
 * An app's two connections. They are apart because a broker with an alarm stops reading from connections that publish,
 * and acknowledgements must still get through.
 */
@Injectable()
export class Broker {
  readonly topology: Topology;
  readonly publisher: ConfirmPublisher;
  readonly publishing: BrokerConnection;
  readonly consuming: BrokerConnection;
  private readonly retired = new WeakSet<Channel>();
  private onPublisherReady: () => void = () => undefined;
  private subscribe: (model: ChannelModel) => Promise<void> = async () => undefined;
  private onConsumingLost: () => void = () => undefined;

  constructor(@Inject(MESSAGING) messaging: ResolvedMessaging) {
    this.topology = new Topology(messaging);
    const wakePublishers = (): void => this.onPublisherReady();
    this.publisher = new ConfirmPublisher(messaging.confirmTimeoutMs, wakePublishers, () => this.renewPublishing());
    this.publishing = new BrokerConnection(
      `${messaging.app} publishing`,
      messaging.urls,
      (model) => this.setUpPublishing(model),
      () => undefined,
      wakePublishers,
    );
    this.consuming = new BrokerConnection(
      `${messaging.app} consuming`,
      messaging.urls,
      (model) => this.setUpConsuming(model),
      () => this.onConsumingLost(),
    );
  }

  /** Called whenever messages can be published (again). */
  whenReady(callback: () => void): void {
    this.onPublisherReady = callback;
  }

  /** Called with each new connection on which to consume, and when it is lost. */
  whenConsuming(subscribe: (model: ChannelModel) => Promise<void>, lost: () => void): void {
    this.subscribe = subscribe;
    this.onConsumingLost = lost;
  }

  get canPublish(): boolean {
    return this.publishing.connected && !this.publishing.blocked && this.publisher.ready;
  }

  /** An alarm holds confirms back for as long as it lasts; anything else that does is on the channel itself. */
  private renewPublishing(): void {
    if (!this.publishing.blocked) void this.publishing.restart('the broker does not confirm, or refuses');
  }

  private async setUpPublishing(model: ChannelModel): Promise<void> {
    await this.declare(model);
    const channel = await model.createConfirmChannel();
    this.renewOnClose(this.publishing, channel);
    this.publisher.attach(channel);
  }

  private async setUpConsuming(model: ChannelModel): Promise<void> {
    await this.declare(model);
    await this.subscribe(model);
  }

  private async declare(model: ChannelModel): Promise<void> {
    const channel = await model.createChannel();
    // The failing assert rejects; without a listener the same error would also be thrown.
    channel.on('error', () => undefined);
    await this.topology.declare(channel);
    await channel.close();
  }

  /** The first queue of these consumers that does not exist or has no consumer, if any. */
  async unconsumedQueue(consumers: string[]): Promise<string | undefined> {
    const channel = await this.consuming.openChannel();
    if (!channel) return undefined;
    channel.on('error', () => undefined);
    for (const consumer of consumers) {
      const queue = this.topology.queue(consumer);
      // The broker closes the channel of whoever asks for a queue that does not exist.
      const state = await answerOf(`looking at ${queue}`, channel.checkQueue(queue)).catch(() => undefined);
      if (!state?.consumerCount) return queue;
    }
    await answerOf('closing a channel', channel.close());
    return undefined;
  }

  /** A channel the broker closed (a missing exchange, say) takes its connection along: both come back declared anew. */
  renewOnClose(connection: BrokerConnection, channel: Channel): void {
    let reason = 'a channel was closed';
    channel.on('error', (error: Error) => (reason = error.message));
    channel.once('close', () => {
      if (!this.retired.has(channel)) void connection.restart(reason);
    });
  }

  /** Closes a channel for good, once everything sent on it has arrived. */
  async retire(channel: Channel): Promise<void> {
    this.retired.add(channel);
    await answerOf('closing a channel', channel.close()).catch(() => undefined);
  }
}
