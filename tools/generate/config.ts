// Writes .env.example and the configuration table of README.md from the configuration classes in dist/.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { envExample, markdownTable, replaceBetween, type Setting, type Spec, toSettings } from './settings.ts';

const root = join(import.meta.dirname, '../..');

/** Every exported class of a *.config.js that has `specs`, under the name of its app or folder. */
async function readSettings(): Promise<Setting[]> {
  const files = globSync('dist/{apps/*/src,migrations}/**/*.config.js', { cwd: root }).sort();
  const owned: [owner: string, specs: Record<string, Spec>][] = [];
  for (const file of files) {
    const owner = /^dist\/(?:apps\/)?([^/]+)/.exec(file)?.[1] ?? file;
    const exported = (await import(pathToFileURL(join(root, file)).href)) as Record<
      string,
      { specs?: Record<string, Spec> }
    >;
    for (const { specs } of Object.values(exported)) if (specs) owned.push([owner, specs]);
  }
  return toSettings(owned);
}

const settings = await readSettings();
if (settings.length === 0) throw new Error('No configuration class in dist/: run npm run build first');

const outputs: [file: string, make: (current: string) => string][] = [
  ['.env.example', () => envExample(settings)],
  ['README.md', (current) => replaceBetween(current, 'config', markdownTable(settings))],
];
for (const [file, make] of outputs) {
  const path = join(root, file);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const wanted = make(current);
  if (wanted === current) continue;
  if (process.argv.includes('--check')) {
    console.error(`differs: ${file}`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`wrote ${file}`);
  }
}
