import { Injectable } from '@nestjs/common';
import { Command, CommandFailedError, Option } from '#libs/commands';
import { RebuildHistoryService } from './rebuild-history.service.js';

@Injectable()
export class HistoryCommand {
  constructor(private readonly rebuilding: RebuildHistoryService) {}

  @Command({ command: 'history:rebuild', describe: 'Write the history in MongoDB anew from the ledger' })
  async rebuild(@Option({ name: 'user', describe: 'Only this user', type: 'string' }) userId?: string): Promise<void> {
    const written = await (userId ? this.rebuilding.rebuildUser(userId) : this.rebuilding.rebuild());
    process.stdout.write(`${written} entries written\n`);
  }

  @Command({ command: 'history:verify', describe: 'Compare the history with the ledger; exit code 1 on a difference' })
  async verify(): Promise<void> {
    const { accounts, differences } = await this.rebuilding.verify();
    for (const { accountId, difference } of differences) process.stdout.write(`${accountId}: ${difference}\n`);
    process.stdout.write(`${accounts} accounts compared, ${differences.length} differ\n`);
    if (differences.length > 0) throw new CommandFailedError('The history is not what the ledger says.');
  }
}
