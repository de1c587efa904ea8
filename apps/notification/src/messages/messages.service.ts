import { Inject, Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { ContactUnknownError } from './message.errors.js';
import { MessageChannel } from './message-channel.js';
import type { Said } from './rules.js';

/** All channels, in the order they are used. */
export const MESSAGE_CHANNELS = Symbol('MESSAGE_CHANNELS');

/** Says something to one user. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly contacts: ContactsRepository,
    @Inject(MESSAGE_CHANNELS) private readonly channels: readonly MessageChannel[],
  ) {}

  /**
   * Says it on every channel that takes it. `key` names what is being said: with the same key nothing happens twice.
   * Throws ContactUnknownError when nothing is known of the user yet.
   */
  async say(key: string, said: Said): Promise<void> {
    const contact = await this.contacts.find(said.userId);
    if (!contact?.email && !contact?.deletedAt && !said.to) throw new ContactUnknownError(said.userId);
    if (contact?.deletedAt) return;
    for (const channel of this.channels) {
      if (channel.takes(said)) await channel.say(key, said, contact);
    }
  }
}
