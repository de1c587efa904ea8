import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';

/** How many threads Node starts when there is work for many. */
function threadsStarted(env: NodeJS.ProcessEnv): number {
  const script = `
    import { pbkdf2 } from 'node:crypto';
    import { readdirSync, readFileSync } from 'node:fs';
    import { promisify } from 'node:util';
    import { sizeThreadPool } from './thread-pool.ts';
    sizeThreadPool();
    const derive = promisify(pbkdf2);
    await Promise.all(Array.from({ length: 64 }, () => derive('', '', 1, 8, 'sha1')));
    const names = readdirSync('/proc/self/task').map((id) => readFileSync(\`/proc/self/task/\${id}/comm\`, 'utf8'));
    console.log(names.filter((name) => name.startsWith('libuv-worker')).length);`;
  const child = { cwd: import.meta.dirname, env: { PATH: process.env['PATH'], ...env } };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], child));
}

it('gives Node a thread for each processor, unless the environment says otherwise', () => {
  expect(threadsStarted({})).toBe(availableParallelism());
  expect(threadsStarted({ UV_THREADPOOL_SIZE: '7' })).toBe(7);
});
