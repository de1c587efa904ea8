import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsDate, isISO8601 } from 'class-validator';

/** A day, or a time with its zone. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A moment in a request, as a Date: `2026-01-31` (a day begins in UTC) or a time that says its zone, `2026-01-31T10:00:00Z`.
 * Anything else is invalid: a time without a zone would mean what the server's own zone makes of it.
 */
export const Instant = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => toInstant(obj[key])),
    IsDate({ message: '$property must be a day, 2026-01-31, or a time with its zone, 2026-01-31T10:00:00Z' }),
  );

function toInstant(value: unknown): unknown {
  if (typeof value !== 'string' || !INSTANT.test(value) || !isISO8601(value, { strict: true })) return value;
  return new Date(value);
}
