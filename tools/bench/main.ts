// `npm run bench:auth` and its like: runs the bench of that name on the sources of now, with everything it needs installed and built.
import { join } from 'node:path';
import { build, isBuilt } from '../local/build.ts';
import { ensureTools } from '../local/packages.ts';
import { Steps } from '../local/steps.ts';

const root = join(import.meta.dirname, '../..');
const [name] = process.argv.slice(2);
const steps = new Steps((line) => console.log(line));

await ensureTools(['postgres', 'redis', 'rabbit'], steps);
if (!isBuilt(root)) await steps.step('build', () => build(root));
await import(`./${name}.ts`);
