import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { json, orCrash, run } from './command.ts';
import type { Finding, Step } from './finding.ts';

/** prettier: every file is formatted. */
export const format: Step = {
  name: 'format',
  async run(root) {
    const output = await run(root, 'prettier', ['--list-different', '.']);
    const findings = output.stdout
      .split('\n')
      .filter(Boolean)
      .map((file) => ({ file, rule: 'prettier', message: 'is not formatted: npm run format' }));
    const broken = [...output.stderr.matchAll(/^\[error\] (\S+): (\w*Error: .+)$/gm)].map(([, file, message]) => ({
      file: file ?? '.',
      rule: 'prettier',
      message: message ?? '',
    }));
    return orCrash('format', output, [...findings, ...broken]);
  },
};

interface OxlintReport {
  diagnostics: {
    message: string;
    code?: string;
    filename: string;
    help?: string;
    labels: { span: { line: number } }[];
  }[];
}

/** oxlint with types: floating promises, `process.env` outside its home, tests that do not run, and the usual mistakes. */
export const lint: Step = {
  name: 'lint',
  async run(root) {
    const output = await run(root, 'oxlint', ['--disable-nested-config', '--deny-warnings', '-f', 'json', '.']);
    const report = json(output.stdout) as OxlintReport | undefined;
    const findings = (report?.diagnostics ?? []).map(({ message, code, filename, help, labels }): Finding => {
      const line = labels[0]?.span.line;
      return {
        file: filename || '.',
        ...(typeof line === 'number' ? { line } : {}),
        rule: /\((.+)\)/.exec(code ?? '')?.[1] ?? code ?? 'oxlint',
        message: help ? `${message} ${help}` : message,
      };
    });
    return orCrash('lint', output, findings);
  },
};

/** The TypeScript compiler over one of the repository's projects. */
export function types(project: string): Step {
  return {
    name: project === 'tsconfig.json' ? 'types' : `types (${project})`,
    async run(root) {
      const output = await run(root, 'tsc', ['-p', project, '--noEmit', '--pretty', 'false']);
      const findings = [...output.stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (TS\d+): (.+)$/gm)].map(
        ([, file, line, rule, message]): Finding => ({
          file: file ?? '.',
          line: Number(line),
          rule: rule ?? 'TS',
          message: message ?? '',
        }),
      );
      return orCrash('types', output, findings);
    },
  };
}

interface CruiserReport {
  summary: {
    violations: { from: string; to: string; cycle?: { name: string }[]; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string; comment?: string }[] };
  };
}

/** dependency-cruiser: who may import whom. */
export const architecture: Step = {
  name: 'architecture',
  async run(root) {
    const folders = ['apps', 'libs', 'migrations', 'test', 'tools'].filter((folder) => existsSync(join(root, folder)));
    const output = await run(root, 'depcruise', ['--config', '.dependency-cruiser.mjs', '-T', 'json', ...folders]);
    const summary = (json(output.stdout) as CruiserReport | undefined)?.summary;
    if (!summary) return orCrash('architecture', { ...output, code: output.code || 1 }, []);
    const comments = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment ?? '']));
    const findings = summary.violations.map(({ from, to, cycle, rule }): Finding => {
      const way = cycle ? cycle.map((module) => module.name).join(' -> ') : to;
      return { file: from, rule: rule.name, message: `imports ${way}. ${comments.get(rule.name)}` };
    });
    return orCrash('architecture', output, findings);
  },
};

type KnipIssue = { name: string; line?: number };
interface KnipReport {
  issues: ({ file: string } & Record<string, KnipIssue[] | string>)[];
}

/** knip: files, exports and dependencies nobody uses. The build settings tell it which source stands behind a file in dist/. */
export const deadCode: Step = {
  name: 'dead code',
  async run(root) {
    const output = await run(root, 'knip', [
      '--tsConfig',
      'tsconfig.build.json',
      '--reporter',
      'json',
      '--no-config-hints',
    ]);
    const report = json(output.stdout) as KnipReport | undefined;
    const findings = (report?.issues ?? []).flatMap(({ file, ...kinds }) =>
      Object.entries(kinds).flatMap(([kind, issues]) =>
        (Array.isArray(issues) ? issues.flat() : []).map(({ name, line }): Finding => ({
          file: relative(root, resolve(root, file)),
          ...(typeof line === 'number' ? { line } : {}),
          rule: `knip/${kind}`,
          message: kind === 'files' ? 'nothing uses this file' : `${name}`,
        })),
      ),
    );
    return orCrash('dead code', output, findings);
  },
};
