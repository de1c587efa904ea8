import { Controller, UseInterceptors } from '@nestjs/common';
import { Consumes, type Received } from '#libs/messaging';
import { StoreFaultsInterceptor } from '../store/store-faults.interceptor.js';
import { MessagesService } from './messages.service.js';
import { type Rule, RULES } from './rules.js';

const CONSUMER = 'notification.messages';

/** What this feature listens to. */
export const MESSAGES_CONSUMES = { [CONSUMER]: RULES.map(({ contract }) => contract) };

/** Says what the rules say; its handlers are made from the table. */
@Controller()
@UseInterceptors(StoreFaultsInterceptor)
export class MessagesConsumer {
  constructor(readonly messages: MessagesService) {}
}

for (const rule of RULES) {
  const handler = handlerOf(rule);
  const name = `on${rule.contract.name}`;
  Object.defineProperty(MessagesConsumer.prototype, name, { value: handler, configurable: true, writable: true });
  Consumes(CONSUMER, rule.contract)(MessagesConsumer.prototype, name, { value: handler });
}

function handlerOf(rule: Rule) {
  return async function (this: MessagesConsumer, event: Received): Promise<void> {
    await this.messages.say(event.id, rule.says(event.payload as never));
  };
}
