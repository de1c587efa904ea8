import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackFault } from './fault.ts';
import { tellingLine } from './telling-line.ts';

/** A command that ends by itself: a migration, a seed. */
export interface TaskSpec {
  name: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  signal?: AbortSignal;
}

/** Runs a script with the project's Node to its end; its output goes to the log, and the telling line of it into the fault. */
export function runTask(task: TaskSpec): Promise<string> {
  mkdirSync(dirname(task.logFile), { recursive: true });
  const log = createWriteStream(task.logFile, { flags: 'a' });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, task.args, {
      cwd: task.cwd,
      env: task.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: task.signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        log.write(chunk);
      });
    }
    child.once('error', (error) => reject(new StackFault(`${task.name}: ${error.message}`)));
    child.once('close', (code) => {
      log.end();
      if (code === 0) return resolve(output);
      reject(new StackFault(`${task.name} failed: ${tellingLine(output)}`, `Its log: ${task.logFile}`));
    });
  });
}
