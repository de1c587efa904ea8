import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');
const SETTINGS = [
  '.dependency-cruiser.mjs',
  '.oxlintrc.json',
  '.prettierrc.json',
  'knip.json',
  'nest-cli.json',
  'package.json',
  'package-lock.json',
  'tsconfig.build.json',
  'tsconfig.json',
  'tsconfig.tools.json',
];

/** A small repository that obeys every rule; the specs plant one fault at a time in it. */
const HONEST: Record<string, string> = {
  'README.md': '# A product\n\nStart with `npm run up`; the sources are in `apps/auth/src/main.ts`.\n',
  'apps/auth/README.md': '# auth\n',
  'apps/auth/src/main.ts': "import { limit } from '#libs/config';\n\nexport const tries = limit;\n",
  'apps/billing/README.md': '# billing\n',
  'apps/billing/src/main.ts': "export const rate = 'one';\n",
  'libs/config/README.md': '# config\n',
  'libs/config/src/index.ts': "export const limit = Number(process.env['LIMIT']);\n",
  'libs/errors/README.md': '# errors\n',
  'libs/errors/src/index.ts': 'export class DomainError extends Error {}\n',
};

export interface PlantedRepository {
  root: string;
  remove(): void;
}

/**
 * Writes a repository with this project's own rules and dependencies to a temporary folder.
 * `planted` adds files or replaces honest ones; `copied` are files of this project taken as they are.
 */
export function plant(planted: Record<string, string> = {}, copied: string[] = []): PlantedRepository {
  const root = mkdtempSync(join(tmpdir(), 'planted-'));
  for (const file of [...SETTINGS, ...copied]) {
    cpSync(join(PROJECT, file), join(root, file), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'));
  for (const [file, text] of Object.entries({ ...HONEST, ...planted })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
