import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, forgetBuild, isBuilt, sourcesDigest } from './build.ts';
import { identify } from './process-identity.ts';
import { releaseStack, stackOwner, takeStack } from './run-lock.ts';
import { claimWorkspace } from './workspace.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A process that has ended, as a crashed run leaves its name behind. */
async function goneProcess(): Promise<unknown> {
  const child = spawn(process.execPath, ['-e', '']);
  const identity = identify(child.pid ?? 0);
  await once(child, 'exit');
  return identity;
}

describe('the stack of a repository', () => {
  it('has one owner at a time', () => {
    takeStack(directory);
    expect(() => takeStack(directory)).toThrow(
      /^the stack is already up \(process \d+\)\. Stop it with: npm run down$/,
    );
    releaseStack(directory);
    takeStack(directory);
    expect(stackOwner(directory)?.pid).toBe(process.pid);
  });

  it('can be taken over from an owner that crashed', async () => {
    writeFileSync(join(directory, 'up.json'), JSON.stringify(await goneProcess()));
    expect(stackOwner(directory)).toBeUndefined();
    takeStack(directory);
    expect(stackOwner(directory)?.pid).toBe(process.pid);
  });

  it('is not owned by a stranger with the same process id', () => {
    writeFileSync(join(directory, 'up.json'), JSON.stringify({ pid: process.pid, startTime: '1' }));
    expect(stackOwner(directory)).toBeUndefined();
  });
});

describe('a private workspace', () => {
  it('removes those of owners that are gone and spares those of owners that run', async () => {
    for (const [name, owner] of [
      ['test-1', await goneProcess()],
      ['test-2', identify(process.ppid)],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'owner.json'), JSON.stringify(owner));
    }
    const mine = await claimWorkspace(directory, 'test');
    expect(existsSync(mine)).toBe(true);
    expect(existsSync(join(directory, 'test-1'))).toBe(false);
    expect(existsSync(join(directory, 'test-2'))).toBe(true);
  });
});

describe('the build', () => {
  beforeEach(() => {
    mkdirSync(join(directory, 'apps/auth/src'), { recursive: true });
    writeFileSync(join(directory, 'apps/auth/src/main.ts'), '1');
    for (const name of ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'])
      writeFileSync(join(directory, name), '{}');
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ scripts: { build: 'test ! -e broken' } }));
  });

  it('is repeated when a source has changed, and not for a test', async () => {
    expect(isBuilt(directory)).toBe(false);
    await build(directory);
    writeFileSync(join(directory, 'apps/auth/src/main.spec.ts'), 'a test');
    expect(isBuilt(directory)).toBe(true);
    writeFileSync(join(directory, 'apps/auth/src/main.ts'), '2');
    expect(isBuilt(directory)).toBe(false);
  });

  it('is repeated after the watching compiler has been at work', async () => {
    await build(directory);
    forgetBuild(directory);
    expect(isBuilt(directory)).toBe(false);
  });

  it('that failed does not count', async () => {
    await build(directory);
    const before = sourcesDigest(directory);
    writeFileSync(join(directory, 'broken'), '');
    await expect(build(directory)).rejects.toThrow(/^the build failed/);
    expect(sourcesDigest(directory)).toBe(before);
    expect(isBuilt(directory)).toBe(false);
  });
});
