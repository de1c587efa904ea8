import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding, Step } from './finding.ts';
import { plant } from './planted-repository.ts';
import { deadCode, format, lint, types } from './tools.ts';

const faulty = plant({
  'apps/auth/src/floating.ts':
    'async function work(): Promise<void> {}\n\nexport function start(): void {\n  work();\n}\n',
  'apps/auth/src/misused.ts':
    'async function ready(): Promise<boolean> {\n  return true;\n}\n\nexport const go = ready() ? 1 : 2;\n',
  'apps/auth/src/awaiting.ts': 'export async function wait(): Promise<number> {\n  return await 1;\n}\n',
  'apps/auth/src/environment.ts': "export const name = process.env['NAME'];\n",
  'apps/auth/src/imported-environment.ts': "import { env } from 'node:process';\n\nexport const name = env['NAME'];\n",
  'apps/auth/src/idle.spec.ts': `import { expect, it } from 'vitest';\n\nit.${'only'}('runs alone', () => expect(1).toBe(1));\nit.${'skip'}('waits', () => expect(1).toBe(1));\n`,
  'apps/auth/src/crooked.ts': 'export const a = {b:1}\n',
  'apps/auth/src/mistyped.ts': "export const count: number = 'one';\n",
  'tools/bench/README.md': '# bench\n',
  'tools/bench/main.ts': 'export enum Unstrippable {\n  One,\n}\n',
  'apps/auth/src/forgotten.ts': 'export const forgotten = 1;\n',
});
const honest = plant();

afterAll(() => {
  faulty.remove();
  honest.remove();
});

describe('the linter', () => {
  let findings: Finding[] = [];
  beforeAll(async () => {
    findings = await lint.run(faulty.root);
  });

  it.each([
    ['a promise that floats', 'apps/auth/src/floating.ts', 4, 'no-floating-promises'],
    ['a promise used as a condition', 'apps/auth/src/misused.ts', 5, 'no-misused-promises'],
    ['waiting for what is no promise', 'apps/auth/src/awaiting.ts', 2, 'await-thenable'],
    ['reading process.env outside libs/config', 'apps/auth/src/environment.ts', 1, 'no-process-env'],
    ['importing the environment', 'apps/auth/src/imported-environment.ts', 1, 'no-restricted-imports'],
    ['a test that shuts out the others', 'apps/auth/src/idle.spec.ts', 3, 'no-focused-tests'],
    ['a test that does not run', 'apps/auth/src/idle.spec.ts', 4, 'no-disabled-tests'],
  ])('refuses %s and says where', (_, file, line, rule) => {
    expect(findings).toContainEqual(expect.objectContaining({ file, line, rule }));
  });

  it('lets libs/config read process.env', async () => {
    expect(await lint.run(honest.root)).toEqual([]);
  });
});

describe('the other tools', () => {
  it.each<[string, Step, string, string]>([
    ['a file that is not formatted', format, 'apps/auth/src/crooked.ts', 'prettier'],
    ['a type error', types('tsconfig.json'), 'apps/auth/src/mistyped.ts', 'TS2322'],
    ['a tool that Node cannot run by stripping types', types('tsconfig.tools.json'), 'tools/bench/main.ts', 'TS1294'],
    ['a file nobody uses', deadCode, 'apps/auth/src/forgotten.ts', 'knip/files'],
  ])('name the file and the rule of %s', async (_, step, file, rule) => {
    expect(await step.run(faulty.root)).toContainEqual(expect.objectContaining({ file, rule }));
  });

  it('report a tool that fails without saying where, instead of passing', async () => {
    const broken = plant({ '.oxlintrc.json': '{ broken' });
    const findings = await lint.run(broken.root);
    broken.remove();
    expect(findings).toMatchObject([{ rule: 'lint', message: expect.stringContaining('exit code') as string }]);
  });
});
