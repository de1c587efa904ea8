import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { MailLanes } from '../mail/mail-lanes.service.js';
import { deliveryOf, MessageChannel } from './message-channel.js';
import type { Said } from './rules.js';

/** E-mail. */
@Injectable()
export class MailChannel extends MessageChannel {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly lanes: MailLanes,
  ) {
    super();
  }

  takes({ channels }: Said): boolean {
    return channels.includes('email');
  }

  async say(key: string, said: Said): Promise<void> {
    const delivery = deliveryOf(key, said, 'email');
    delivery.facts = said.facts;
    if (said.to) delivery.to = said.to;
    await this.deliveries.insert([delivery]);
    await this.lanes.wake(delivery.lane === 'security' ? 'security' : 'standard', delivery._id);
  }
}
