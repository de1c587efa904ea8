import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Finding, Step } from './finding.ts';
import { checkLockfile } from './lockfile.ts';
import { read, readTree, type Tree } from './tree.ts';

const TEXT =
  /\.(ts|mts|mjs|cjs|js|json|md|ya?ml|sh|sql|html|css|liquid|txt)$|(^|\/)(Dockerfile|\.[\w.-]+|run|LICENSE)$/;
const LARGEST_BYTES = 1024 * 1024;

/** What holds for files as such: READMEs and front doors, names, sizes, the lockfile, no package registry's address. */
export const hygiene: Step = {
  name: 'files',
  async run(root) {
    const tree = readTree(root);
    const hosts = await registryHosts(root);
    return [
      ...missingReadmes(tree),
      ...missingFrontDoors(tree),
      ...checkLockfile(tree),
      ...tree.files.filter(isVague).map(vague),
      ...tree.files.filter((file) => statSync(join(root, file)).size > LARGEST_BYTES).map(large),
      ...tree.files.filter((file) => TEXT.test(file)).flatMap((file) => badText(tree, file, hosts)),
    ];
  },
};

function missingReadmes({ folders, files }: Tree): Finding[] {
  const known = new Set(files);
  return folders
    .filter((folder) => /^(apps|libs|tools)\/[^/]+$|^apps\/[^/]+\/src\/[^/]+$/.test(folder))
    .filter((folder) => files.some((file) => file.startsWith(`${folder}/`)) && !known.has(`${folder}/README.md`))
    .map((folder) => ({
      file: `${folder}/README.md`,
      rule: 'folder-has-readme',
      message: 'is missing: say in 3-6 lines what lives here, what it may import and who uses it',
    }));
}

function missingFrontDoors({ folders, files }: Tree): Finding[] {
  return folders
    .filter((folder) => /^libs\/[^/]+$/.test(folder) && files.some((file) => file.startsWith(`${folder}/src/`)))
    .filter((folder) => !files.includes(`${folder}/src/index.ts`))
    .map((folder) => ({ file: `${folder}/src/index.ts`, rule: 'lib-has-front-door', message: 'is missing' }));
}

function isVague(file: string): boolean {
  return /(^|[./-])(utils?|helpers?|manager|misc)\.ts$|\.common\.ts$|^libs\/(common|shared|core|utils?|helpers?)\//.test(
    file,
  );
}

function vague(file: string): Finding {
  return { file, rule: 'telling-name', message: 'name it after what it does: <noun>.<role>.ts' };
}

function large(file: string): Finding {
  return { file, rule: 'file-size', message: 'is larger than 1 MB' };
}

function badText(tree: Tree, file: string, hosts: string[]): Finding[] {
  const text = read(tree, file);
  const findings: Finding[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const place = { file, line: index + 1 };
    const host =
      hosts.find((name) => line.includes(name)) ?? /\bregistry\.[a-z0-9-]+\.(?:org|com|io)\b/.exec(line)?.[0];
    if (host) findings.push({ ...place, rule: 'no-registry-address', message: `names the package registry ${host}` });
    if (/\.(sql|sh|ya?ml)$/.test(file) && /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/.test(line)) {
      findings.push({ ...place, rule: 'no-warning-comments', message: 'do it or drop the note' });
    }
  }
  return findings;
}

/** The hosts this machine installs packages from: they belong to the machine, never into the repository. */
async function registryHosts(root: string): Promise<string[]> {
  const { stdout } = await run(root, 'npm', ['config', 'get', 'registry']);
  const lists = ['/etc/apt/sources.list', ...globSync('/etc/apt/sources.list.d/*')].filter((file) => existsSync(file));
  const apt = lists.map((file) => readFileSync(file, 'utf8'));
  const urls = [stdout, ...apt].join('\n').match(/https?:\/\/[^\s/\]]+/g) ?? [];
  const hosts = urls.map((url) => URL.parse(url)?.host ?? '').filter((host) => /\.[a-z]/.test(host));
  return [...new Set(hosts)];
}
