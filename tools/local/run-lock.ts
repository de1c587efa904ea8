import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackFault } from './fault.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

const LOCK = 'up.json';

/** The process that runs the stack in this directory, if one does. */
export function stackOwner(directory: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(join(directory, LOCK), 'utf8')) as ProcessIdentity;
    return isRunning(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Makes this process the one that runs the stack; fails with one line when another already does. */
export function takeStack(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const owner = stackOwner(directory);
  if (owner) throw new StackFault(`the stack is already up (process ${owner.pid})`, 'Stop it with: npm run down');
  const file = join(directory, LOCK);
  rmSync(file, { force: true });
  try {
    // Exclusive: of two that start in the same moment one is refused.
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
  } catch {
    throw new StackFault('the stack is being started by another process', 'Stop it with: npm run down');
  }
}

/** Gives the stack up again. */
export function releaseStack(directory: string): void {
  rmSync(join(directory, LOCK), { force: true });
}
