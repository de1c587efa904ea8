import { readFileSync } from 'node:fs';

/** A process, named so that a reused pid is not mistaken for it. */
export interface ProcessIdentity {
  pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/PID/stat), or the boot-less value '' elsewhere. */
  startTime: string;
}

/** The start time in the text of /proc/PID/stat; the command name in it may hold spaces and brackets. */
export function startTimeInStat(stat: string): string {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return afterName[19] ?? '';
}

/** The letter of the process's state in /proc/PID/stat; Z is a zombie. */
export function stateInStat(stat: string): string {
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}

/** The identity of a running process, or undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat === undefined || stateInStat(stat) === 'Z' ? undefined : { pid, startTime: startTimeInStat(stat) };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}
