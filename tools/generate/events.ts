// Writes docs/events.md and docs/asyncapi.yaml from the contracts in dist/ and their stored samples; --check only compares.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { asyncApi, type EventFacts, markdown } from './event-documents.ts';
import { type Payload, schemaOf } from './event-schema.ts';

const root = join(import.meta.dirname, '../..');

interface Contracts {
  allContracts(): ReadonlyMap<string, Payload>;
  contractOf(cls: Payload): { name: string; version: number; description: string; unheard?: boolean };
}

// Where @Type keeps the classes of nested values; not part of the package's main export.
const { defaultMetadataStorage } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  defaultMetadataStorage: { findTypeMetadata(cls: Payload, property: string): { typeFunction(): Payload } | undefined };
};

/** The apps that listen: a producer names its own contracts to publish them, everybody else to consume them. */
function consumersOf(name: string, className: string): string[] {
  const files = globSync('apps/*/src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('spec.ts'));
  const apps = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const app = file.split(/[\\/]/)[1] ?? '';
    if (!new RegExp(`\\b${className}\\b`).test(text)) return [];
    return name.startsWith(`${app}.`) && !text.includes('@Consumes(') ? [] : [app];
  });
  return [...new Set(apps)].sort();
}

function nested(cls: Payload, property: string): Payload | undefined {
  return defaultMetadataStorage.findTypeMetadata(cls, property)?.typeFunction();
}

async function read(): Promise<EventFacts[]> {
  const contracts = (await import(pathToFileURL(join(root, 'dist/libs/contracts/src/index.js')).href)) as Contracts;
  return [...contracts.allContracts()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, cls]) => ({
      key,
      ...contracts.contractOf(cls),
      schema: schemaOf(cls, nested),
      sample: JSON.parse(readFileSync(join(root, `libs/contracts/samples/${key}.json`), 'utf8')) as unknown,
      consumers: consumersOf(key, cls.name),
    }));
}

const events = await read();
for (const { key, consumers, unheard = false } of events) {
  if (unheard === consumers.length > 0) {
    console.error(
      `${key}: ${unheard ? `is marked unheard, yet ${consumers.join(', ')} listens` : 'nobody listens: mark it unheard'}`,
    );
    process.exitCode = 1;
  }
}
for (const [file, text] of [
  ['docs/events.md', markdown(events)],
  ['docs/asyncapi.yaml', asyncApi(events)],
] as const) {
  const path = join(root, file);
  const wanted = await format(text, { ...(await resolveConfig(path)), filepath: path });
  const current = globSync(path).length ? readFileSync(path, 'utf8') : '';
  if (wanted === current) continue;
  if (process.argv.includes('--check')) {
    console.error(`differs: ${file}`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`wrote ${file}`);
  }
}
