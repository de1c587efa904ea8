import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError, Option } from '#libs/commands';
import { OutboxReplayService } from './outbox.replay.service.js';

@Injectable()
export class OutboxCommand {
  constructor(private readonly outbox: OutboxReplayService) {}

  @Command({
    command: 'outbox:replay',
    describe: 'publish again what this app published, for a broker or consumer that lost it',
  })
  async replay(
    @Option({ name: 'since', describe: 'ISO 8601 time of the first event', type: 'string', demandOption: true })
    since: string,
    @Option({ name: 'until', describe: 'ISO 8601 time of the last event; now by default', type: 'string' })
    until: string | undefined,
    @Option({
      name: 'name',
      describe: 'a routing key such as billing.topup.settled.v1; may be given several times',
      type: 'string',
      array: true,
    })
    names: string[] | undefined,
  ): Promise<void> {
    const request = {
      since: time(since),
      ...(until ? { until: time(until) } : {}),
      ...(names?.length ? { names } : {}),
    };
    process.stdout.write(`${await this.outbox.replay(request)} events are published again\n`);
  }
}

function time(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new CommandFailedError(`${text} is not an ISO 8601 time`);
  return date;
}
