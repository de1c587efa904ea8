import { ValidationFailedError } from '#libs/errors';

/** As deep as a body may be: what is deeper makes functions that call themselves run out of stack. */
const MOST_LEVELS = 32;

/** Throws ValidationFailedError for a body that is nested deeper than any of ours. */
export function assertShallow(body: unknown): void {
  if (isDeeper(body, MOST_LEVELS))
    throw new ValidationFailedError([{ field: 'body', message: `body must not be nested deeper than ${MOST_LEVELS}` }]);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/**
 * Throws ValidationFailedError when a text, or the name of a field, is none that every store can hold: NUL, or half a surrogate pair,
 * is no text to PostgreSQL.
 * @param name of the value itself, when it is one parameter.
 */
export function assertStorable(value: unknown, name = ''): void {
  const fields: string[] = [];
  findUnstorable(value, name, fields);
  if (fields.length === 0) return;
  throw new ValidationFailedError(
    fields.map((field) => ({ field, message: `${field} must be Unicode text without NUL characters` })),
  );
}

/** Adds to `found` the paths of the faulty. */
function findUnstorable(value: unknown, field: string, found: string[]): void {
  if (typeof value === 'string' && !isStorable(value)) found.push(field);
  if (typeof value !== 'object' || value === null) return;
  const within = (name: string): string => (field ? `${field}.${name}` : name);
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    // Escaped, the name can be told and stored.
    if (!isStorable(key)) found.push(within(JSON.stringify(key).slice(1, -1)));
    else if (typeof inner === 'string' || typeof inner === 'object') findUnstorable(inner, within(key), found);
  }
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
