import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackFault } from './fault.ts';

const SOURCES = ['apps/*/src/**/*', 'libs/*/src/**/*', 'migrations/**/*'];
const SETTINGS = ['package.json', 'package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];
const STAMP = 'dist/.sources';

/** A digest of everything the build reads. */
export function sourcesDigest(root: string): string {
  const files = globSync(SOURCES, { cwd: root, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/spec\.ts$/.test(entry.name),
  );
  const paths = [
    ...files.map((entry) => join(entry.parentPath, entry.name)),
    ...SETTINGS.map((name) => join(root, name)),
  ].toSorted();
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** The digest of the sources that `dist/` was built from, or undefined when that is not known. */
export function builtFrom(root: string): string | undefined {
  const stamp = join(root, STAMP);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

/** Whether `dist/` was built from exactly these sources. */
export const isBuilt = (root: string): boolean => builtFrom(root) === sourcesDigest(root);

/** Makes the next `isBuilt` say no. */
export function forgetBuild(root: string): void {
  rmSync(join(root, STAMP), { force: true });
}

/** Builds all services into `dist/`; the compiler's own lines are shown when it finds errors. */
export async function build(root: string, signal?: AbortSignal): Promise<void> {
  const digest = sourcesDigest(root);
  forgetBuild(root);
  const output = await new Promise<string | undefined>((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? undefined : text));
  });
  if (output !== undefined) {
    process.stderr.write(output);
    throw new StackFault('the build failed', 'The compiler says why above');
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, STAMP), digest);
}
