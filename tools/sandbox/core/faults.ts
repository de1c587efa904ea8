import { randomUUID } from 'node:crypto';
import type { Journal, Table } from './journal.ts';
import type { Random } from './random.ts';

/** One way a provider can misbehave: which calls it hits, how often, and its size. */
export interface FaultRule {
  id: string;
  provider: string;
  kind: string;
  /** What it hits, `*` standing for anything: an event type, `POST /v1/refunds`, an e-mail address. */
  match: string;
  probability: number;
  /** How many times it still strikes; null for ever. */
  times: number | null;
  /** The kind's own size: milliseconds, a count, a status. */
  value: number | null;
  hits: number;
}

export type FaultCatalogue = Record<string, Record<string, string>>;
export type FaultInput = Pick<FaultRule, 'provider' | 'kind'> &
  Partial<Pick<FaultRule, 'match' | 'probability' | 'times' | 'value'>>;

/** Thrown for a provider or kind that the catalogue does not name, or a size that makes no sense. */
export class FaultInputError extends Error {}

/** The rules by which the doubles misbehave; kept over a restart. */
export class Faults {
  readonly catalogue: FaultCatalogue;
  readonly #rules: Table<FaultRule>;
  readonly #random: Random;

  constructor(journal: Journal, random: Random, catalogue: FaultCatalogue) {
    this.#rules = journal.table<FaultRule>('faults');
    this.#random = random;
    this.catalogue = catalogue;
  }

  add(input: FaultInput): FaultRule {
    const kinds = this.catalogue[input.provider];
    if (!kinds) throw new FaultInputError(`unknown provider; one of ${Object.keys(this.catalogue).join(', ')}`);
    if (!Object.hasOwn(kinds, input.kind))
      throw new FaultInputError(`unknown kind; one of ${Object.keys(kinds).join(', ')}`);
    const { match = '*', probability = 1, times = null, value = null } = input;
    if (!(probability > 0 && probability <= 1)) throw new FaultInputError('probability is above 0 and at most 1');
    if (times !== null && !(Number.isInteger(times) && times > 0))
      throw new FaultInputError('times is a positive whole number or null');
    const id = randomUUID();
    return this.#rules.put(id, {
      id,
      provider: input.provider,
      kind: input.kind,
      match,
      probability,
      times,
      value,
      hits: 0,
    });
  }

  list(): FaultRule[] {
    return this.#rules.values();
  }

  remove(id: string): boolean {
    const known = this.#rules.get(id) !== undefined;
    this.#rules.delete(id);
    return known;
  }

  clear(provider?: string): void {
    for (const rule of this.#rules.values()) {
      if (provider === undefined || rule.provider === provider) this.#rules.delete(rule.id);
    }
  }

  /** The first rule among `kinds` that strikes `subject`, counted as used; undefined when none does. */
  take(provider: string, kinds: readonly string[], subject: string): FaultRule | undefined {
    for (const rule of this.#rules.values()) {
      if (rule.provider !== provider || !kinds.includes(rule.kind) || !matches(rule.match, subject)) continue;
      if (rule.probability < 1 && this.#random.next() >= rule.probability) continue;
      rule.hits += 1;
      if (rule.times !== null) rule.times -= 1;
      if (rule.times === 0) this.#rules.delete(rule.id);
      else this.#rules.put(rule.id, rule);
      return rule;
    }
    return undefined;
  }
}

function matches(pattern: string, subject: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(subject);
}
