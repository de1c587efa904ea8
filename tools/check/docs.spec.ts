import { describe, expect, it } from 'vitest';
import { docs } from './docs.ts';
import type { Finding } from './finding.ts';
import { plant } from './planted-repository.ts';

async function check(text: string, file = 'README.md'): Promise<Finding[]> {
  const repository = plant({ [file]: text });
  const findings = await docs.run(repository.root);
  repository.remove();
  return findings;
}

describe('the documentation check', () => {
  it.each([
    ['a path that is not there', 'See `apps/auth/src/gone.ts`.', 'path-exists'],
    ['a folder that is not there', 'See `libs/gone/`.', 'path-exists'],
    ['a file name that no file has', 'See `gone.service.ts`.', 'path-exists'],
    ['a built file without a source', 'Run `node dist/apps/auth/src/gone.js`.', 'path-exists'],
    ['a path in a shell command', '```sh\nnode tools/gone.ts\n```', 'path-exists'],
    ['an npm script that is not there', 'Run `npm run gone`.', 'npm-script-exists'],
    ['a relative link to nothing', 'See [this](docs/gone.md).', 'link-resolves'],
    ['a link to a heading that is not there', '# Here\n\nSee [this](#gone).', 'link-resolves'],
    ['one dead choice among several', 'See `apps/{auth,gone}/src/main.ts`.', 'path-exists'],
  ])('refuses %s', async (_, text, rule) => {
    expect(await check(`# Title\n\n${text}\n`)).toMatchObject([
      { file: 'README.md', rule, message: expect.stringContaining('gone') as string },
    ]);
  });

  it.each([
    ['a path from the root', 'See `apps/auth/src/main.ts:3` and `apps/auth/`.'],
    ['a path with a placeholder', 'See `apps/<app>/src/main.ts`.'],
    ['a wildcard', 'See `libs/*/src/index.ts` and `apps/{auth,billing}/src/main.ts`.'],
    ['a lib by its alias', 'Import `#libs/config`.'],
    ['a file that the build makes', 'Run `node dist/apps/auth/src/main.js`.'],
    ['routes, events and addresses', 'GET `/docs`, `auth.user.registered.v1`, `http://127.0.0.1:3001/docs`.'],
    ['npm commands that are no scripts', 'Run `npm ci`, `npm test` and `npm run up`.'],
    [
      'a link to a heading',
      'See [the title](#a-title-of-its-own) and [outside](https://example.test/x).\n\n## A title, of its own',
    ],
    ['paths in a diagram', '```mermaid\nflowchart LR\n  apps/gone --> libs/gone\n```'],
  ])('accepts %s', async (_, text) => {
    expect(await check(`# Title\n\n${text}\n`)).toEqual([]);
  });

  it("resolves a path from the document's own folder", async () => {
    expect(await check('Starts in `./src/main.ts`, see [up](../../README.md).\n', 'apps/auth/README.md')).toEqual([]);
  });
});
