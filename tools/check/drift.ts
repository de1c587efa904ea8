import { build, isBuilt } from '../local/build.ts';
import { run } from './command.ts';
import type { Finding, Step } from './finding.ts';
import { read, readTree, type Tree } from './tree.ts';

/** What is generated equals what is committed. Builds first when needed, because the generators read dist/. */
export const drift: Step = {
  name: 'generated files',
  async run(root) {
    if (!isBuilt(root)) await build(root);
    return compareGenerated(root);
  },
};

/** Runs every generator with `--check`; it names each file that differs, one per line, and fails. */
export async function compareGenerated(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tree = readTree(root);
  for (const generator of tree.files.filter((file) => isGenerator(tree, file))) {
    const { code, stdout, stderr } = await run(root, 'node', [generator, '--check']);
    if (code !== 0) findings.push(...differences(generator, `${stdout}\n${stderr}`));
  }
  return findings;
}

/** A file of tools/generate that knows `--check` is a generator; the others are parts and tests. */
function isGenerator(tree: Tree, file: string): boolean {
  return /^tools\/generate\/[\w-]+\.ts$/.test(file) && read(tree, file).includes("'--check'");
}

const FILE_NAME = /^(?:[a-z ]+: )?((?:\.|[\w-]+\/)*[\w-]*\.?[\w-]+\.(?:md|ya?ml|json|example|ts))$/i;

function differences(generator: string, text: string): Finding[] {
  const named = text.split('\n').flatMap((line) => FILE_NAME.exec(line.trim())?.[1] ?? []);
  const message = `differs from what the code makes: npm run build && node ${generator}`;
  if (named.length > 0) return [...new Set(named)].map((file) => ({ file, rule: 'generated', message }));
  return [{ file: generator, rule: 'generated', message: text.trim().slice(-400) }];
}
