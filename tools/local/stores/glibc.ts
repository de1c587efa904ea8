import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { oneLine, StackFault } from '../fault.ts';
import { isRoot } from '../os-user.ts';
import { parseOsRelease, sourceForSuite } from './apt-sources.ts';

const run = promisify(execFile);

/** The embedded engine is linked against this version of the GNU C library. */
const NEEDED = '2.38';
/** The first release of each distribution whose C library is new enough. */
const SUITES: Record<string, string> = { debian: 'trixie', ubuntu: 'noble' };
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const LAYOUTS: Record<string, { folder: string; loader: string }> = {
  x64: { folder: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { folder: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Whether version `a` is at least `b`, number by number. */
export function atLeast(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(x?.length ?? 0, y?.length ?? 0); i++) {
    const difference = (x?.[i] ?? 0) - (y?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function machineVersion(): string {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime ?? '0';
}

/** The folder of the C library for the suite, downloading the three packages into it once; nothing is installed into the system. */
async function download(cache: string, suite: string, source: string): Promise<string> {
  const target = join(cache, `glibc-${suite}`);
  if (existsSync(target)) return target;
  const work = join(cache, `glibc-${suite}.${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'parts', 'root', 'debs'])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, 'machine.sources'), source);
  const options = {
    'Dir::Etc::SourceList': join(work, 'machine.sources'),
    'Dir::Etc::SourceParts': join(work, 'parts'),
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': work,
    'Dir::Cache::Archives': join(work, 'archives'),
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    // The unprivileged download user may not enter our cache.
    ...(isRoot() ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...flags, '-qq', 'update'], { cwd: work });
  await run('apt-get', [...flags, '-qq', 'download', ...PACKAGES], { cwd: join(work, 'debs') });
  for (const file of readdirSync(join(work, 'debs')))
    await run('dpkg', ['-x', join(work, 'debs', file), join(work, 'root')]);
  if (!existsSync(target)) renameSync(join(work, 'root'), target);
  rmSync(work, { recursive: true, force: true });
  return target;
}

/** The words to put before `node` so that it can load the engine: none where the machine's C library is new enough. */
export async function engineLoader(cache: string): Promise<string[]> {
  const version = machineVersion();
  if (atLeast(version, NEEDED)) return [];
  const layout = LAYOUTS[process.arch];
  const release = parseOsRelease(readFileSync('/etc/os-release', 'utf8'));
  const suite = SUITES[release['ID'] ?? ''];
  const source = suite && sourceForSuite('/etc/apt', release['VERSION_CODENAME'] ?? '', suite);
  if (!layout || !suite || !source) {
    throw new StackFault(
      `the embedded MongoDB needs the C library ${NEEDED}, this machine has ${version}`,
      'Use Debian 13, Ubuntu 24.04, or set BILLING_MONGODB_URL and NOTIFICATION_MONGODB_URL',
    );
  }
  const root = await download(cache, suite, source).catch((error: unknown) => {
    throw new StackFault(
      `cannot download the C library for MongoDB: ${oneLine((error as { stderr?: string }).stderr || error)}`,
    );
  });
  const folder = [join(root, 'usr/lib', layout.folder), join(root, 'lib', layout.folder)].filter(existsSync);
  const loader = [...folder, join(root, 'usr/lib64'), join(root, 'lib64')]
    .map((one) => join(one, layout.loader))
    .find(existsSync);
  if (!loader) throw new StackFault(`no ${layout.loader} below ${root}`, `Remove ${root} and start again`);
  return [loader, '--library-path', folder.join(':')];
}
