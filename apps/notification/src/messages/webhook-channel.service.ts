import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { WebhookLane } from '../webhooks/webhook-lane.service.js';
import { WebhooksService } from '../webhooks/webhooks.service.js';
import { deliveryOf, MessageChannel } from './message-channel.js';
import type { Said } from './rules.js';

/** Signed calls to whoever brings messages further. */
@Injectable()
export class WebhookChannel extends MessageChannel {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveriesRepository,
    private readonly lane: WebhookLane,
  ) {
    super();
  }

  takes({ template }: Said): boolean {
    return this.webhooks.channelsFor(template).length > 0;
  }

  async say(key: string, said: Said): Promise<void> {
    const deliveries = this.webhooks
      .channelsFor(said.template)
      .map((channel) => Object.assign(deliveryOf(key, said, channel), { facts: said.facts }));
    await this.deliveries.insert(deliveries);
    for (const { _id } of deliveries) this.lane.wake(_id);
  }
}
