import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength } from 'class-validator';
import { normalizeEmail } from '#libs/contracts';

/** A field that holds an e-mail address; it reaches the handler in its normal form. */
export function EmailField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, format: 'email', example: 'ann@example.com', maxLength: 254 }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && value.length <= 1024 ? normalizeEmail(value) : value,
    ),
    IsEmail({ allow_utf8_local_part: false }),
    MaxLength(254),
  );
}
