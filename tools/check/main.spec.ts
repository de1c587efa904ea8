import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plant } from './planted-repository.ts';

const honest = plant();
const faulty = plant({
  'README.md': '# Title\n\nSee `docs/gone.md`.\n',
  'apps/auth/src/environment.ts': "export const name = process.env['NAME'];\n",
});

afterAll(() => {
  honest.remove();
  faulty.remove();
});

function check(root: string, ...steps: string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...steps], { cwd: root, encoding: 'utf8' });
}

describe('npm run check', () => {
  it('runs every step although an earlier one failed, and fails in the end', () => {
    const { status, stdout } = check(faulty.root, 'docs', 'lint');
    expect(stdout).toMatch(/FAIL +\d+\.\d s {2}docs\n +README\.md:3 {2}path-exists/);
    expect(stdout).toMatch(/FAIL +\d+\.\d s {2}lint\n +apps\/auth\/src\/environment\.ts:1 {2}no-process-env/);
    expect(stdout.trim().split('\n').at(-1)).toBe('check: 2 finding(s) in docs, lint');
    expect(status).toBe(1);
  });

  it('passes an honest repository', () => {
    const { status, stdout } = check(honest.root, 'docs', 'files', 'lint', 'architecture', 'format');
    expect(stdout).toContain('check: all 5 steps passed');
    expect(status).toBe(0);
  });

  it('refuses a step that does not exist', () => {
    expect(check(honest.root, 'nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('docs') as string,
    });
  });
});
