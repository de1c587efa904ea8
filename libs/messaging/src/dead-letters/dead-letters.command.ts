import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError, Option, Positional } from '#libs/commands';
import { DeadLettersService, type Selection } from './dead-letters.service.js';

const CONSUMER = { name: 'consumer', describe: 'the consumer, as dead-letters:list shows it', type: 'string' } as const;
const ID = { name: 'id', describe: 'a message; may be given several times', type: 'string', array: true } as const;
const ALL = { name: 'all', describe: 'every dead letter of the consumer', type: 'boolean', default: false } as const;

@Injectable()
export class DeadLettersCommand {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Command({ command: 'dead-letters:list', describe: 'count the messages that could not be dealt with, per consumer' })
  async list(): Promise<void> {
    for (const { consumer, messages } of await this.deadLetters.list()) say(`${messages}\t${consumer}`);
  }

  @Command({ command: 'dead-letters:inspect <consumer>', describe: 'show dead letters, one JSON document per line' })
  async inspect(
    @Positional(CONSUMER) consumer: string,
    @Option({ name: 'limit', describe: 'how many at most', type: 'number', default: 50 }) limit: number,
  ): Promise<void> {
    for (const letter of await this.deadLetters.inspect(consumer, limit)) say(JSON.stringify(letter));
  }

  @Command({ command: 'dead-letters:redrive <consumer>', describe: 'put dead letters back into their queue' })
  async redrive(
    @Positional(CONSUMER) consumer: string,
    @Option(ID) ids: string[] | undefined,
    @Option(ALL) all: boolean,
  ): Promise<void> {
    say(`${await this.deadLetters.redrive(consumer, selected(ids, all))} sent again`);
  }

  @Command({ command: 'dead-letters:discard <consumer>', describe: 'remove dead letters for good' })
  async discard(
    @Positional(CONSUMER) consumer: string,
    @Option(ID) ids: string[] | undefined,
    @Option(ALL) all: boolean,
  ): Promise<void> {
    say(`${await this.deadLetters.discard(consumer, selected(ids, all))} removed`);
  }
}

function selected(ids: string[] | undefined, all: boolean): Selection {
  if (all) return 'all';
  if (ids?.length) return { ids };
  throw new CommandFailedError('Say which: --id <id>, or --all');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
