import { build, isBuilt } from '../local/build.ts';
import { run } from './command.ts';
import type { Finding, Step } from './finding.ts';
import { readTree } from './tree.ts';

/**
 * What is generated equals what is committed. Builds first, because the generators read dist/; each generator prints
 * one line per file that differs.
 */
export const drift: Step = {
  name: 'generated files',
  async run(root) {
    const generators = readTree(root).files.filter(
      (file) => /^tools\/generate\/[\w-]+\.ts$/.test(file) && !file.endsWith('.spec.ts'),
    );
    if (generators.length === 0) return [];
    if (!isBuilt(root)) await build(root);
    const findings: Finding[] = [];
    for (const generator of generators) {
      const output = await run(root, 'node', [generator, '--check']);
      if (output.code !== 0) findings.push(...differences(generator, `${output.stdout}\n${output.stderr}`));
    }
    return findings;
  },
};

function differences(generator: string, text: string): Finding[] {
  const files = text
    .split('\n')
    .flatMap(
      (line) => /^(?:stale|differs|out of date)?:? *([\w./-]+\.(?:md|ya?ml|json|example))\b/.exec(line)?.[1] ?? [],
    );
  const message = `differs from what ${generator} makes: node ${generator}`;
  if (files.length > 0) return [...new Set(files)].map((file) => ({ file, rule: 'generated', message }));
  return [{ file: generator, rule: 'generated', message: text.trim().slice(-400) }];
}
