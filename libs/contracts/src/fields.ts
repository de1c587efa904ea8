import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';

/** Languages the product speaks: events, pages and messages. Auth's database checks them too (`ck_users_locale`). */
export const LOCALES = ['en', 'ru'] as const;

/** One of the languages. */
export type Locale = (typeof LOCALES)[number];

/** An amount in minor units as a decimal string: JSON numbers lose exactness above 2^53. */
export function IsMinorUnits(): PropertyDecorator {
  return applyDecorators(
    Matches(/^-?(0|[1-9][0-9]{0,30})$/, { message: '$property must be an integer as a decimal string' }),
  );
}

/** A currency code of the product: three capital letters, real or own (PNT). */
export function IsCurrencyCode(): PropertyDecorator {
  return applyDecorators(Matches(/^[A-Z]{3}$/, { message: '$property must be a currency code of three capitals' }));
}
