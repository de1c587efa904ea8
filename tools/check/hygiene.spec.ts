import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { hygiene } from './hygiene.ts';
import { plant } from './planted-repository.ts';

async function check(planted: Record<string, string>): Promise<Finding[]> {
  const repository = plant(planted);
  const findings = await hygiene.run(repository.root);
  repository.remove();
  return findings;
}

describe('the check of files', () => {
  it.each([
    [
      "a package registry's host",
      'docs/setup.md',
      `Use https://${['registry', 'example', 'org'].join('.')}/ here.`,
      'no-registry-address',
    ],
    ['a note for later in a script', 'deploy/start.sh', `# TO${'DO'}: finish`, 'no-warning-comments'],
    ['a name that says nothing', 'libs/config/src/utils.ts', 'export const a = 1;', 'telling-name'],
    ['a file too large to read', 'docs/large.json', `"${'x'.repeat(1024 * 1024)}"`, 'file-size'],
  ])('refuses %s', async (_, file, text, rule) => {
    expect(await check({ [file]: text })).toMatchObject([{ file, rule }]);
  });

  const lock = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
  it.each([
    [
      'an address',
      '"license":',
      '"resolved": "https://packages.example.test/a.tgz", "license":',
      'lockfile-without-addresses',
    ],
    ['a version that package.json does not name', /"prettier": "[\d.]+"/, '"prettier": "0.0.1"', 'lockfile-in-step'],
    [
      "a gap where another platform's package belongs",
      'node_modules/@oxlint/binding-win32-x64-msvc',
      'node_modules/gone',
      'lockfile-complete',
    ],
    [
      'a copyleft package in production',
      /("node_modules\/pg": [^]*?"license": )"MIT"/,
      '$1"AGPL-3.0-only"',
      'licence-permissive',
    ],
  ])('refuses a lockfile with %s', async (_, from, to, rule) => {
    expect(await check({ 'package-lock.json': lock.replace(from, to) })).toMatchObject([
      { file: 'package-lock.json', rule },
    ]);
  });

  it('wants a README in every app, lib, tool and feature, and a front door in every lib', async () => {
    const findings = await check({
      'apps/auth/src/users/users.service.ts': 'export class UsersService {}',
      'libs/rates/src/rates.ts': 'export const rates = [];',
      'tools/bench/bench.ts': 'export {};',
    });
    expect(findings.map(({ file, rule }) => `${rule} ${file}`).sort()).toEqual([
      'folder-has-readme apps/auth/src/users/README.md',
      'folder-has-readme libs/rates/README.md',
      'folder-has-readme tools/bench/README.md',
      'lib-has-front-door libs/rates/src/index.ts',
    ]);
  });

  it('passes an honest repository', async () => {
    expect(await check({})).toEqual([]);
  });
});
