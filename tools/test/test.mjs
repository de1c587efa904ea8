// `npm test [filter]`: see main.ts.
import { runWithProjectNode } from '../local/bootstrap.mjs';

await runWithProjectNode('tools/test/main.ts', process.argv.slice(2));
