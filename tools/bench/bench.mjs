// `npm run bench:auth` and its like: see main.ts.
import { runWithProjectNode } from '../local/bootstrap.mjs';

await runWithProjectNode('tools/bench/main.ts', process.argv.slice(2));
