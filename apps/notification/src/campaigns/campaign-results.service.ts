import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { csvLine } from '../lists/csv.js';
import { CampaignView } from './campaign-view.service.js';

const PAGE = 500;
const HEAD = ['user', 'address', 'channel', 'state', 'reason', 'tries', 'answer', 'finished'];

/** What became of every message of a campaign, as a table. */
@Injectable()
export class CampaignResults {
  constructor(
    private readonly view: CampaignView,
    private readonly deliveries: DeliveriesRepository,
    private readonly contacts: ContactsRepository,
  ) {}

  /** CSV as it is read from the database, page by page. Throws CampaignNotFoundError. */
  async csv(id: string): Promise<Readable> {
    await this.view.load(id);
    return Readable.from(this.lines(id));
  }

  private async *lines(campaignId: string): AsyncGenerator<string> {
    yield csvLine(HEAD);
    for (let after = '', page = PAGE; page === PAGE;) {
      const found = await this.deliveries.pageOf({ campaignId }, after, PAGE);
      const contacts = await this.contacts.findMany(found.map(({ userId }) => userId));
      yield found
        .map(({ userId, channel, state, reason, attempts, response, finishedAt }) => {
          const address = contacts.get(userId)?.email ?? '';
          return csvLine([userId, address, channel, state, reason, attempts, response, finishedAt?.toISOString()]);
        })
        .join('');
      after = found.at(-1)?._id ?? '';
      page = found.length;
    }
  }
}
