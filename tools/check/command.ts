import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

/** What a finished command printed. `code` is null when a signal ended it. */
export interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

const DEADLINE_MS = 5 * 60_000;

/** Runs a program of node_modules/.bin (or the PATH) in `root`; never rejects because of its exit code. */
export function run(root: string, program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Output> {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The findings a command reported, or one finding with its last words when it failed without any: a tool that
 * crashes must never look like a pass.
 */
export function orCrash(step: string, output: Output, findings: Finding[]): Finding[] {
  if (findings.length > 0 || output.code === 0) return findings;
  const lastWords = `${output.stdout}\n${output.stderr}`.trim().slice(-600);
  return [{ file: '.', rule: step, message: `failed with exit code ${output.code}: ${lastWords}` }];
}

/** Parses a tool's JSON report; undefined when it printed something else. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
