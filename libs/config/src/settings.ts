import { type CleanedEnv, cleanEnv, type ValidatorSpec } from 'envalid';

/** Variable name -> how to read it (an envalid validator with its description and default). */
export type Specs = Record<string, ValidatorSpec<unknown>>;

/** A rule over several settings; returns a sentence for each fault it finds. */
export type Rule<S extends Specs> = (settings: Readonly<CleanedEnv<S>>) => string[];

/** The environment cannot be used; `faults` names every variable that is missing or malformed. */
export class InvalidSettingsError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'InvalidSettingsError';
  }
}

/** What `settings()` returns: a class whose instances hold the parsed variables under their own names. */
export interface SettingsClass<S extends Specs> {
  new (env?: NodeJS.ProcessEnv): Readonly<CleanedEnv<S>>;
  readonly specs: S;
}

/**
 * Declares an app's settings: `class AuthConfig extends settings({ AUTH_PORT: port({ default: 3001, desc: '...' }) }) {}`.
 * Constructing the class parses the environment; an empty variable counts as unset. Throws InvalidSettingsError with all faults at once.
 */
export function settings<S extends Specs>(specs: S, rules: readonly Rule<S>[] = []): SettingsClass<S> {
  class Settings {
    static readonly specs = specs;

    constructor(env: NodeJS.ProcessEnv = process.env) {
      Object.assign(this, parse(specs, rules, env));
      Object.freeze(this);
    }
  }
  return Settings as unknown as SettingsClass<S>;
}

function parse<S extends Specs>(specs: S, rules: readonly Rule<S>[], env: NodeJS.ProcessEnv): Readonly<CleanedEnv<S>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const faults: string[] = [];
  const cleaned = cleanEnv(given, specs, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) {
        const missing = given[name] === undefined;
        faults.push(`${name} ${missing ? 'is missing' : 'is malformed'}: ${(error as Error).message}`);
      }
    },
  });
  const values = { ...cleaned } as Readonly<CleanedEnv<S>>;
  if (faults.length === 0) faults.push(...rules.flatMap((rule) => rule(values)));
  if (faults.length > 0) throw new InvalidSettingsError(faults);
  return values;
}
