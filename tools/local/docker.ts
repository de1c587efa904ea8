import { spawn, spawnSync } from 'node:child_process';
import { StackFault } from './fault.ts';

/** Runs the containers of docker-compose.yml in the foreground; ends when they end. */
export async function composeUp(root: string): Promise<number> {
  const { status } = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 20_000 });
  if (status !== 0)
    throw new StackFault('no Docker engine answers', 'Start Docker, or run without --docker: npm run up');
  // Its passwords are made once; the stores keep them in their volumes.
  spawnSync(process.execPath, ['deploy/make-env.mjs'], { cwd: root, stdio: 'inherit' });
  const args = ['compose', '--env-file', 'deploy/.env', 'up', '--build'];
  const child = spawn('docker', args, { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches docker itself, which stops its containers; we wait for it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
