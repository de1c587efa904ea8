import { containers } from './containers.ts';
import { docs } from './docs.ts';
import { drift } from './drift.ts';
import { type Finding, type Step, toLine } from './finding.ts';
import { hygiene } from './hygiene.ts';
import { architecture, deadCode, format, lint, types } from './tools.ts';

/** Cheapest first: what fails early is what is mended fastest. */
const steps: Step[] = [
  docs,
  containers,
  hygiene,
  lint,
  architecture,
  deadCode,
  format,
  types('tsconfig.tools.json'),
  types('tsconfig.json'),
  drift,
];

const root = process.cwd();

/** A step that throws has not passed; the others still run. */
async function run(step: Step): Promise<Finding[]> {
  try {
    return await step.run(root);
  } catch (error) {
    return [{ file: '.', rule: step.name, message: String(error) }];
  }
}

const wanted = process.argv.slice(2);
const chosen = steps.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
if (chosen.length === 0) {
  console.error(`No such step. Steps: ${steps.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const failed: string[] = [];
let count = 0;
for (const step of chosen) {
  const started = performance.now();
  const findings = await run(step);
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${seconds} s  ${step.name}`);
  for (const finding of findings) console.log(`       ${toLine(finding)}`);
  if (findings.length > 0) failed.push(step.name);
  count += findings.length;
}
console.log(
  failed.length === 0
    ? `\ncheck: all ${chosen.length} steps passed`
    : `\ncheck: ${count} finding(s) in ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
