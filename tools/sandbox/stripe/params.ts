import { invalidParam } from './errors.ts';
import type { Raw, RawMap } from './form.ts';

/** Reads one parameter or throws Stripe's own complaint about it. */
export type Reader<T> = (raw: Raw | undefined, name: string) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;
type Shape = Record<string, Reader<unknown>>;
type Values<S extends Shape> = { [K in keyof S]: Read<S[K]> };

const EMPTY_TEXT =
  "You passed an empty string for '%'. We assume empty values are an attempt to unset a parameter; however '%' cannot be unset. You should remove '%' from your request or supply a non-empty value.";

/** Text of at most `limit` characters; empty text is refused. */
export function text(limit = 5000): Reader<string | undefined> {
  return (raw, name) => {
    if (raw === undefined) return undefined;
    if (typeof raw !== 'string') throw invalidParam(`Invalid string: ${JSON.stringify(raw)}`, name);
    if (raw === '') throw invalidParam(EMPTY_TEXT.replaceAll('%', name), name, 'parameter_invalid_empty');
    if (raw.length > limit)
      throw invalidParam(`Invalid string: ${raw.slice(0, 20)}...; must be at most ${limit} characters`, name);
    return raw;
  };
}

/** A whole number of at least `least`. */
export function integer(least = Number.MIN_SAFE_INTEGER): Reader<number | undefined> {
  return (raw, name) => {
    if (raw === undefined) return undefined;
    if (typeof raw !== 'string' || !/^-?\d{1,15}$/.test(raw)) {
      throw invalidParam(`Invalid integer: ${String(raw)}`, name, 'parameter_invalid_integer');
    }
    const value = Number(raw);
    if (value < least) {
      throw invalidParam(`This value must be greater than or equal to ${least}.`, name, 'parameter_invalid_integer');
    }
    return value;
  };
}

export const flag: Reader<boolean | undefined> = (raw, name) => {
  if (raw === undefined) return undefined;
  if (raw !== 'true' && raw !== 'false') throw invalidParam(`Invalid boolean: ${String(raw)}`, name);
  return raw === 'true';
};

/** One of a closed list of words. */
export function oneOf<T extends string>(...allowed: T[]): Reader<T | undefined> {
  return (raw, name) => {
    if (raw === undefined) return undefined;
    const value = allowed.find((candidate) => candidate === raw);
    if (value === undefined) throw invalidParam(`Invalid ${name}: must be one of ${allowed.join(', ')}`, name);
    return value;
  };
}

/** What `read` reads, or `parameter_missing`. */
export function required<T>(read: Reader<T | undefined>): Reader<T> {
  return (raw, name) => {
    const value = read(raw, name);
    if (value === undefined) throw invalidParam(`Missing required param: ${name}.`, name, 'parameter_missing');
    return value;
  };
}

/** Up to 50 pairs, keys up to 40 characters, values up to 500 (Stripe's metadata limits). An empty value unsets its key. */
export const metadata: Reader<Record<string, string> | undefined> = (raw, name) => {
  if (raw === undefined) return undefined;
  if (raw === '') return {};
  if (typeof raw === 'string') throw invalidParam('Invalid object', name);
  const pairs = Object.entries(raw);
  if (pairs.length > 50) throw invalidParam('You can only have up to 50 metadata keys.', name);
  for (const [key, value] of pairs) {
    if (key.length > 40) throw invalidParam(`Metadata keys can be at most 40 characters: ${key}`, `${name}[${key}]`);
    if (typeof value !== 'string') throw invalidParam('Metadata values must be strings.', `${name}[${key}]`);
    if (value.length > 500) throw invalidParam('Metadata values can be at most 500 characters.', `${name}[${key}]`);
  }
  return Object.fromEntries(pairs) as Record<string, string>;
};

/** An array of at most `most` items. */
export function listOf<T>(read: Reader<T | undefined>, most = 100): Reader<T[] | undefined> {
  return (raw, name) => {
    if (raw === undefined) return undefined;
    if (typeof raw === 'string') throw invalidParam('Invalid array', name);
    const items = Object.entries(raw);
    if (items.length > most) throw invalidParam(`Array ${name} exceeded maximum ${most} allowed elements.`, name);
    return items.map(([index, item]) => read(item, `${name}[${index}]`) as T);
  };
}

/** A nested object. `elsewhere` names what Stripe accepts and this double does not model. */
export function object<S extends Shape>(shape: S, elsewhere: readonly string[] = []): Reader<Values<S> | undefined> {
  return (raw, name) => {
    if (raw === undefined) return undefined;
    if (typeof raw === 'string') throw invalidParam('Invalid object', name);
    return readShape(shape, raw, elsewhere, name);
  };
}

/** Reads a whole request; anything unnamed is `parameter_unknown`. */
export function readParams<S extends Shape>(shape: S, raw: RawMap, elsewhere: readonly string[] = []): Values<S> {
  return readShape(shape, raw, elsewhere, '');
}

function readShape<S extends Shape>(shape: S, raw: RawMap, elsewhere: readonly string[], parent: string): Values<S> {
  const nameOf = (key: string): string => (parent === '' ? key : `${parent}[${key}]`);
  for (const key of Object.keys(raw)) {
    if (Object.hasOwn(shape, key)) continue;
    if (elsewhere.includes(key)) {
      throw invalidParam(`[sandbox] ${nameOf(key)} exists at Stripe but is not modelled by this sandbox.`, nameOf(key));
    }
    throw invalidParam(`Received unknown parameter: ${nameOf(key)}`, nameOf(key), 'parameter_unknown');
  }
  const values = Object.entries(shape).map(([key, read]) => [key, read(raw[key], nameOf(key))]);
  return Object.fromEntries(values) as Values<S>;
}

/** `expand[]`: at most four levels deep. */
export const expandParam: Reader<string[] | undefined> = (raw, name) => {
  const paths = listOf(required(text()))(raw, name);
  for (const path of paths ?? []) {
    if (path.split('.').length > 4) {
      throw invalidParam(`You cannot expand more than 4 levels of a property: ${path}`, name);
    }
  }
  return paths;
};

export interface Range {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

/** `created=5` or `created[gte]=5`. */
export const range: Reader<((value: number) => boolean) | undefined> = (raw, name) => {
  if (raw === undefined) return undefined;
  if (typeof raw === 'string') {
    const exact = integer()(raw, name);
    return (value) => value === exact;
  }
  const bounds: Range = readShape({ gt: integer(), gte: integer(), lt: integer(), lte: integer() }, raw, [], name);
  return (value) =>
    (bounds.gt === undefined || value > bounds.gt) &&
    (bounds.gte === undefined || value >= bounds.gte) &&
    (bounds.lt === undefined || value < bounds.lt) &&
    (bounds.lte === undefined || value <= bounds.lte);
};

/** What every list call takes. */
export const paging = {
  limit: ((raw, name) => {
    const value = integer()(raw, name);
    if (value !== undefined && (value < 1 || value > 100)) {
      throw invalidParam('Invalid integer: limit must be between 1 and 100', name, 'parameter_invalid_integer');
    }
    return value;
  }) as Reader<number | undefined>,
  starting_after: text(),
  ending_before: text(),
  expand: expandParam,
};
