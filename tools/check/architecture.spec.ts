import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { plant } from './planted-repository.ts';
import { architecture } from './tools.ts';

const faults = {
  'apps/auth/src/crossing.ts': "export { rate } from '../../billing/src/main.js';\n",
  'apps/auth/src/back-door.ts': "export { hidden } from '../../../libs/errors/src/hidden.js';\n",
  'apps/auth/src/by-path.ts': "export { DomainError } from '../../../libs/errors/src/index.js';\n",
  'apps/auth/src/with-tool.ts': "export { tool } from '../../../tools/bench/tool.js';\n",
  'apps/auth/src/with-dev-package.ts': "export { build } from 'vitest/node';\n",
  'apps/auth/src/with-test-lib.ts': "export { fake } from '#libs/testing';\n",
  'apps/auth/src/circle/one.ts': "import { two } from './two.js';\n\nexport const one: number = two;\n",
  'apps/auth/src/circle/two.ts': "import { one } from './one.js';\n\nexport const two: number = one;\n",
  'apps/auth/src/lost.ts': "export { gone } from './gone.js';\n",
  'apps/auth/src/undeclared.ts': "export { default } from '@fastify/error';\n",
  'libs/errors/src/upwards.ts': "export { rate } from '../../../apps/billing/src/main.js';\n",
  'libs/errors/src/hidden.ts': "export const hidden = 'inner';\n",
  'libs/contracts/src/index.ts': "export { readFile } from 'node:fs/promises';\n",
  'libs/testing/src/index.ts': "export { vi as fake } from 'vitest';\n",
  'tools/bench/tool.ts': "export { rate as tool } from '../../apps/billing/src/main.ts';\n",
  'tools/bench/pool.ts': "export { Pool } from 'pg';\n",
  'apps/auth/src/main.spec.ts': "import { fake } from '#libs/testing';\n\nexport const use = fake;\n",
};

describe('the architecture rules', () => {
  const repository = plant(faults);
  const honest = plant();
  let findings: Finding[] = [];

  beforeAll(async () => {
    findings = await architecture.run(repository.root);
  });
  afterAll(() => {
    repository.remove();
    honest.remove();
  });

  it.each([
    ['an app that imports another app', 'apps/auth/src/crossing.ts', 'apps-stay-apart', 'apps/billing/src/main.ts'],
    ['a lib that imports an app', 'libs/errors/src/upwards.ts', 'libs-not-to-apps', 'apps/billing/src/main.ts'],
    ['imports that go in a circle', 'apps/auth/src/circle/one.ts', 'no-circular', 'apps/auth/src/circle/two.ts'],
    ['a lib entered by a back door', 'apps/auth/src/back-door.ts', 'libs-by-front-door', 'libs/errors/src/hidden.ts'],
    ['a lib imported by its path', 'apps/auth/src/by-path.ts', 'libs-by-alias', 'libs/errors/src/index.ts'],
    ['production code that imports a tool', 'apps/auth/src/with-tool.ts', 'production-not-to-tools', 'tools/bench'],
    [
      'a development package in production',
      'apps/auth/src/with-dev-package.ts',
      'production-not-to-dev-dependencies',
      'vitest',
    ],
    ['the testing lib outside tests', 'apps/auth/src/with-test-lib.ts', 'testing-lib-in-tests-only', 'libs/testing'],
    ['contracts that read files', 'libs/contracts/src/index.ts', 'contracts-do-no-io', 'fs/promises'],
    ['a tool that imports sources', 'tools/bench/tool.ts', 'tools-stay-outside', 'apps/billing/src/main.ts'],
    ['a tool that opens a connection of its own', 'tools/bench/pool.ts', 'sql-may-be-cut', 'pg'],
    ['an import of nothing', 'apps/auth/src/lost.ts', 'import-must-resolve', './gone.js'],
    ['a package that is not declared', 'apps/auth/src/undeclared.ts', 'package-must-be-declared', '@fastify/error'],
  ])('name the file and the rule of %s', (_, file, rule, target) => {
    const message = expect.stringContaining(target) as string;
    expect(findings).toContainEqual(expect.objectContaining({ file, rule, message }));
  });

  it('let tests use the testing lib, and apps use libs by their front door', async () => {
    expect(findings.filter(({ file }) => file === 'apps/auth/src/main.spec.ts')).toEqual([]);
    expect(await architecture.run(honest.root)).toEqual([]);
  });
});
