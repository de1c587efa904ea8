import { join, resolve } from 'node:path';
import ts from 'typescript';

export interface Sample {
  /** A type of stripe-node, e.g. `Stripe.Checkout.Session`. */
  type: string;
  /** What it was captured from; named in a complaint. */
  from: string;
  value: unknown;
}

const FILE = resolve(join(import.meta.dirname, 'captured.ts'));

/** Decimals are strings on the wire. */
const HEADER = `import type Stripe from 'stripe';
type Wire<T> = T extends Stripe.Decimal ? string : T extends string | number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Wire<U>[] : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;
`;

/**
 * Compiles captured payloads as constants of stripe-node's own types, which are generated from the pinned API version:
 * a missing field, an unknown one or a wrong literal is a complaint. Open enums accept any text.
 */
export function complaints(samples: readonly Sample[]): string[] {
  const lines = samples.map(
    ({ type, value }, index) => `export const s${index}: Wire<${type}> = ${JSON.stringify(value)};`,
  );
  const source = HEADER + lines.join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => resolve(name) === FILE || fileExists(name);
  host.readFile = (name) => (resolve(name) === FILE ? source : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    resolve(name) === FILE ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest);
  const program = ts.createProgram([FILE], options, host);
  const file = program.getSourceFile(FILE);
  const headerLines = HEADER.split('\n').length - 1;
  return ts.getPreEmitDiagnostics(program, file).map((diagnostic) => {
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    return `${samples[line - headerLines]?.from ?? 'header'}: ${text}`;
  });
}
