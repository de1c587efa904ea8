import { spawnSync } from 'node:child_process';
import { StackFault } from './fault.ts';

/** A command line ready to spawn. */
export interface CommandLine {
  command: string;
  args: string[];
}

export const isRoot = (): boolean => process.getuid?.() === 0;

const ENTER_ANYWHERE = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];

function setpriv(user: string, extra: string[], command: string, args: string[]): CommandLine {
  return { command: 'setpriv', args: ['--reuid', user, '--regid', user, '--clear-groups', ...extra, command, ...args] };
}

function canEnter(user: string, extra: string[], directory: string): boolean {
  // Looking a name up inside is what a server will do; `test -x` would ignore the capability.
  const { command, args } = setpriv(user, extra, 'stat', [`${directory}/.`]);
  return spawnSync(command, args, { cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Whether a server should run as the system user: we are root, and the directory is not below a closed one such as /root. */
export function shouldDrop(user: string, directory: string): boolean {
  return isRoot() && canEnter(user, [], directory);
}

/**
 * The command line under a system user when we are root, for servers that refuse root; unchanged otherwise.
 * A repository below a closed directory is entered with one capability; nothing on disk is opened up.
 */
export function asUser(user: string, directory: string, command: string, args: string[]): CommandLine {
  if (!isRoot()) return { command, args };
  if (canEnter(user, [], directory)) return setpriv(user, [], command, args);
  if (canEnter(user, ENTER_ANYWHERE, directory)) return setpriv(user, ENTER_ANYWHERE, command, args);
  throw new StackFault(
    `user ${user} cannot enter ${directory}`,
    'Move the repository to a directory that others may enter, or run as an ordinary user',
  );
}

/** Hands a directory to the system user when we are root. */
export function giveTo(user: string, directory: string): void {
  if (!isRoot()) return;
  const done = spawnSync('chown', ['-R', `${user}:`, directory], { encoding: 'utf8' });
  if (done.status !== 0) throw new StackFault(`cannot hand ${directory} to user ${user}: ${done.stderr.trim()}`);
}
