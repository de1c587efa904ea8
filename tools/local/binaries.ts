import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program on PATH or in the system's directories, or undefined. */
export function findProgram(...names: string[]): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_DIRECTORIES];
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(executable);
}

/** Version folders of Debian's layout, newest first. */
export function newestFirst(versions: string[]): string[] {
  return versions.filter((name) => /^\d+$/.test(name)).toSorted((a, b) => Number(b) - Number(a));
}

/** The directory with initdb and postgres: Debian keeps it off PATH, one per version. */
export function postgresDirectory(): string | undefined {
  const base = '/usr/lib/postgresql';
  try {
    const found = newestFirst(readdirSync(base)).find((version) => executable(join(base, version, 'bin', 'postgres')));
    if (found) return join(base, found, 'bin');
  } catch {
    // No such layout on this machine: look on PATH.
  }
  return findProgram('initdb')?.replace(/\/initdb$/, '');
}

/** The server itself; Debian's wrapper of the same name on PATH insists on the system's own instance. */
export function rabbitServer(): string | undefined {
  const own = '/usr/lib/rabbitmq/bin/rabbitmq-server';
  return executable(own) ? own : findProgram('rabbitmq-server');
}
