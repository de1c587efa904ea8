// `npm run up` and `npm run dev`: see up.ts for the flags.
import { runWithProjectNode } from './bootstrap.mjs';

await runWithProjectNode('tools/local/up.ts', process.argv.slice(2));
