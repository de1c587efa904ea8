import { describe, expect, it } from 'vitest';
import { compareGenerated } from './drift.ts';
import type { Finding } from './finding.ts';
import { plant } from './planted-repository.ts';

/** `body` runs in a generator, which is known by its `--check`. */
async function check(body: string): Promise<Finding[]> {
  const repository = plant({
    'tools/generate/config.ts': `const comparing = process.argv.includes('--check');\n${body}`,
  });
  const findings = await compareGenerated(repository.root);
  repository.remove();
  return findings;
}

describe('the check of generated files', () => {
  it('names the files that a generator finds different', async () => {
    const findings = await check(
      "console.error('differs: .env.example');\nconsole.error('differs: docs/openapi/auth.json');\nprocess.exit(1);\n",
    );
    expect(findings.map(({ file, rule }) => `${rule} ${file}`)).toEqual([
      'generated .env.example',
      'generated docs/openapi/auth.json',
    ]);
  });

  it('reports a generator that breaks, with its last words', async () => {
    const findings = await check("throw new Error('no dist');\n");
    expect(findings).toMatchObject([
      { file: 'tools/generate/config.ts', message: expect.stringContaining('no dist') as string },
    ]);
  });

  it('asks the generators to compare, not to write', async () => {
    expect(await check('process.exit(comparing ? 0 : 1);\n')).toEqual([]);
  });
});
