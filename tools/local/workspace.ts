import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import { stopRecorded } from './process-record.ts';

const OWNER = 'owner.json';

/** The name of the file in which a stack below a directory records its processes. */
export const RECORD = 'processes.json';

/** Stops what is recorded in the directory or one level below it. */
export async function stopBelow(directory: string): Promise<string[]> {
  const stopped = [];
  for (const file of globSync([`*/${RECORD}`, RECORD], { cwd: directory }))
    stopped.push(...(await stopRecorded(join(directory, file))));
  return stopped;
}

/** Removes the directories of earlier owners that are gone, and stops what they left running. */
async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const file of globSync(`${prefix}-*/${OWNER}`, { cwd: parent })) {
    const owner = JSON.parse(readFileSync(join(parent, file), 'utf8')) as ProcessIdentity;
    if (isRunning(owner)) continue;
    const directory = join(parent, dirname(file));
    await stopBelow(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A directory of this process alone, `parent/prefix-PID`, after removing what crashed predecessors left. */
export async function claimWorkspace(parent: string, prefix: string): Promise<string> {
  await removeAbandoned(parent, prefix);
  const directory = join(parent, `${prefix}-${process.pid}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, OWNER), JSON.stringify(identify(process.pid)));
  return directory;
}
