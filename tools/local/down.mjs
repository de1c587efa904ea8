// `npm run down`: stops what `npm run up` started in this repository, and nothing else.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runInstalled } from './bootstrap.mjs';

if (existsSync(join(ROOT, '.local'))) await runInstalled('tools/local/down.ts', process.argv.slice(2));
else process.stdout.write('Nothing is running.\n');
