// `npm run check [-- step...]`: see main.ts.
import { runWithProjectNode } from '../local/bootstrap.mjs';

await runWithProjectNode('tools/check/main.ts', process.argv.slice(2));
