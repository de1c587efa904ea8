import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError, Option } from '#libs/commands';
import { type BooksReport, BooksService } from './books.service.js';

@Injectable()
export class BooksCommand {
  constructor(private readonly books: BooksService) {}

  @Command({ command: 'books:verify', describe: 'Prove the books; exit code 1 when something is wrong' })
  async verify(
    @Option({ name: 'json', describe: 'Print the report as JSON', type: 'boolean', default: false }) json: boolean,
  ): Promise<void> {
    const report = await this.books.verify();
    process.stdout.write(`${json ? JSON.stringify(report, null, 2) : table(report)}\n`);
    if (!report.ok) throw new CommandFailedError('The books are wrong.');
  }
}

/** The report for people. */
function table({ checks, figures }: BooksReport): string {
  const lines = checks.flatMap(({ claim, faultCount, faults }) => [
    `${faultCount === 0 ? 'ok   ' : 'WRONG'} ${claim}`,
    ...faults.slice(0, 10).map(({ subject, fault }) => `        ${subject}: ${fault}`),
    ...(faultCount > 10 ? [`        ... ${faultCount} in all`] : []),
  ]);
  for (const [name, values] of Object.entries(figures)) {
    lines.push('', name);
    for (const [key, value] of Object.entries(values)) lines.push(`  ${key.padEnd(34)}${value.padStart(18)}`);
  }
  return lines.join('\n');
}
