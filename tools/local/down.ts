import { join } from 'node:path';
import { isRunning } from './process-identity.ts';
import { stopRecorded } from './process-record.ts';
import { releaseStack, stackOwner } from './run-lock.ts';
import { until } from './wait.ts';
import { RECORD } from './workspace.ts';

const directory = join(import.meta.dirname, '../../.local');
const owner = stackOwner(directory);
if (owner) {
  // It stops its own processes in the right order; what it leaves is stopped below.
  process.kill(owner.pid, 'SIGTERM');
  await until(() => !isRunning(owner), 90_000);
}
const left = await stopRecorded(join(directory, RECORD));
releaseStack(directory);
const stopped = [...(owner ? ['the stack'] : []), ...left];
console.log(stopped.length > 0 ? `Stopped ${stopped.join(', ')}.` : 'Nothing is running.');
