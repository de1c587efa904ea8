import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRun, VitestReport } from './tally.ts';

const running = new Set<ChildProcess>();

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

/** Runs the named projects of vitest.config.ts; the lines it prints pass through, its report is read back. */
export function runVitest(
  root: string,
  projects: string[],
  filters: string[],
  reportFile: string,
  env: NodeJS.ProcessEnv,
): Promise<TestRun> {
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...filters,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    child.stdout.pipe(process.stdout, { end: false });
    child.stderr.pipe(process.stderr, { end: false });
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ report: readReport(reportFile), exitCode: code ?? 1 });
    });
  });
}

/** Ends every run under way and resolves when their processes have gone. */
export async function stopVitest(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const last = setTimeout(() => child.kill('SIGKILL'), 5_000);
      return gone.finally(() => clearTimeout(last));
    }),
  );
}
