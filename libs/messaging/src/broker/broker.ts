import type { Channel, ChannelModel } from 'amqplib';
import { Inject, Injectable } from '@nestjs/common';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { BrokerConnection } from './broker-connection.js';
import { answerOf } from './deadline.js';
import { ConfirmPublisher } from './confirm-publisher.js';
import { Topology } from './topology.js';

/** A queue that answers does so within moments, and consumption does not begin before this one has had its chance. */
const QUARANTINE_SET_UP_MS = 5_000;

/**
 * An app's connections. Publishing and consuming are apart because a broker with an alarm stops reading from connections that
 * publish, and acknowledgements must still get through. What serves messages that could not be handled has connections of its
 * own: a queue that does not answer can hold up a channel, or take its connection along.
 */
@Injectable()
export class Broker {
  readonly topology: Topology;
  readonly publisher: ConfirmPublisher;
  /** Publishes what could not be handled. */
  readonly mover: ConfirmPublisher;
  readonly publishing: BrokerConnection;
  readonly moving: BrokerConnection;
  readonly consuming: BrokerConnection;
  /** By consumer. */
  readonly quarantines = new Map<string, BrokerConnection>();
  private readonly retired = new WeakSet<Channel>();
  private onPublisherReady: () => void = () => undefined;
  private subscribe: (model: ChannelModel) => Promise<void> = async () => undefined;
  private onConsumingLost: () => void = () => undefined;

  constructor(@Inject(MESSAGING) private readonly messaging: ResolvedMessaging) {
    this.topology = new Topology(messaging);
    const wakePublishers = (): void => this.onPublisherReady();
    this.publisher = new ConfirmPublisher(messaging.confirmTimeoutMs, wakePublishers, () =>
      this.renew(this.publishing),
    );
    this.mover = new ConfirmPublisher(messaging.confirmTimeoutMs, undefined, () => this.renew(this.moving));
    this.publishing = new BrokerConnection(
      `${messaging.app} publishing`,
      messaging.urls,
      (model) => this.setUpPublishing(model),
      undefined,
      wakePublishers,
    );
    this.moving = new BrokerConnection(`${messaging.app} moving`, messaging.urls, (model) => this.setUpMoving(model));
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

  /** Sets up the connection on which a consumer's suspects are tried. */
  openQuarantine(consumer: string, subscribe: (model: ChannelModel) => Promise<void>): void {
    const setUp = async (model: ChannelModel): Promise<void> => {
      await this.declare(model, (channel) => this.topology.declareQuarantine(channel, consumer));
      await subscribe(model);
    };
    const { app, urls } = this.messaging;
    const name = `${app} quarantine of ${consumer}`;
    this.quarantines.set(consumer, new BrokerConnection(name, urls, setUp, undefined, undefined, QUARANTINE_SET_UP_MS));
  }

  /** Resolves when the first try of each connection has ended; rejects on a topology mismatch. */
  async start(): Promise<void> {
    const consuming = async (): Promise<void> => {
      // Before others run it should be known whether a predecessor has left suspects behind.
      await Promise.all([...this.quarantines.values()].map((connection) => connection.start()));
      await this.consuming.start();
    };
    const consumes = this.quarantines.size > 0;
    await Promise.all([this.publishing.start(), ...(consumes ? [this.moving.start(), consuming()] : [])]);
  }

  async close(): Promise<void> {
    const connections = [this.publishing, this.moving, this.consuming, ...this.quarantines.values()];
    await Promise.all(connections.map((connection) => connection.close()));
  }

  get canPublish(): boolean {
    return this.publishing.connected && !this.publishing.blocked && this.publisher.ready;
  }

  /** An alarm holds confirms back for as long as it lasts; anything else that does is on the channel itself. */
  private renew(connection: BrokerConnection): void {
    if (!connection.blocked) void connection.restart('the broker does not confirm, or refuses');
  }

  private async setUpPublishing(model: ChannelModel): Promise<void> {
    await this.declare(model, (channel) => this.topology.declareEvents(channel));
    await this.attach(this.publisher, this.publishing, model);
  }

  private async setUpMoving(model: ChannelModel): Promise<void> {
    await this.declare(model, (channel) => this.topology.declareMoves(channel));
    await this.attach(this.mover, this.moving, model);
  }

  private async attach(publisher: ConfirmPublisher, connection: BrokerConnection, model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    this.renewOnClose(connection, channel);
    publisher.attach(channel);
  }

  private async setUpConsuming(model: ChannelModel): Promise<void> {
    await this.declare(model, (channel) => this.topology.declareEvents(channel));
    await this.subscribe(model);
  }

  private async declare(model: ChannelModel, work: (channel: Channel) => Promise<void>): Promise<void> {
    const channel = await model.createChannel();
    // The failing assert rejects; without a listener the same error would also be thrown.
    channel.on('error', () => undefined);
    await work(channel);
    await channel.close();
  }

  /** Sets a connection up anew when this queue, which should be consumed on it, does not exist, does not answer or has no consumer. */
  async renewUnlessConsumed(connection: BrokerConnection, queue: string): Promise<void> {
    const channel = await connection.openChannel();
    if (!channel) return;
    channel.on('error', () => undefined);
    // The broker closes the channel of whoever asks for a queue that does not exist.
    const state = await answerOf(`looking at ${queue}`, channel.checkQueue(queue)).catch(() => undefined);
    if (state?.consumerCount) await answerOf('closing a channel', channel.close());
    else await connection.restart(`${queue} is gone, does not answer or nobody consumes it`);
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
