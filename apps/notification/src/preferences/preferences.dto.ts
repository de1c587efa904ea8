import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { MOST_MARKETING_PER_DAY } from './caps.js';
import { isTimeZone } from './quiet-hours.js';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

function IsTimeZone(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTimeZone',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && value.length <= 64 && isTimeZone(value),
        defaultMessage: () => '$property must be a time zone such as Europe/Moscow',
      },
    });
}

/** Over which channels a category is welcome. */
export class ChannelChoiceDto {
  @IsBoolean() inbox!: boolean;
  @IsBoolean() email!: boolean;
}

/** The categories a user may refuse; security messages always come. */
export class CategoryChoicesDto {
  @IsObject() @ValidateNested() @Type(() => ChannelChoiceDto) billing!: ChannelChoiceDto;
  @IsObject() @ValidateNested() @Type(() => ChannelChoiceDto) product!: ChannelChoiceDto;
  @IsObject() @ValidateNested() @Type(() => ChannelChoiceDto) marketing!: ChannelChoiceDto;
}

/** When mail waits. */
export class QuietHoursDto {
  /** HH:MM */
  @Matches(TIME, { message: '$property must be a time such as 22:00' }) from!: string;
  /** HH:MM; earlier than `from` means the next day. */
  @Matches(TIME, { message: '$property must be a time such as 08:00' }) to!: string;
  @IsTimeZone() timeZone!: string;
}

/** A user's wishes. */
export class PreferencesDto {
  @IsObject() @ValidateNested() @Type(() => CategoryChoicesDto) categories!: CategoryChoicesDto;
  /** null: mail may come at any time. */
  @ValidateIf((body: PreferencesDto) => body.quietHours !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => QuietHoursDto)
  quietHours!: QuietHoursDto | null;
  /** How many marketing mails a day at most. */
  @ApiPropertyOptional() @IsOptional() @IsInt() @Min(0) @Max(MOST_MARKETING_PER_DAY) marketingPerDay: number =
    MOST_MARKETING_PER_DAY;
}
