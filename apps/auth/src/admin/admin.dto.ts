import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  MinDate,
} from 'class-validator';
import { type Role, ROLES } from '#libs/access';
import { Instant, PageLimit, Uuid } from '#libs/http';
import { normalizeEmail } from '#libs/contracts';
import { UserDto } from '../users/user.dto.js';
import type { AdminUser } from './admin-users.repository.js';

/** Which users to show. */
export class UserSearchDto {
  @ApiProperty({ required: false, description: 'Beginning of an address' })
  @IsOptional()
  @IsString()
  @MaxLength(254)
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value))
  readonly email?: string;

  @ApiProperty({ required: false, enum: ROLES })
  @IsOptional()
  @IsIn(ROLES)
  readonly role?: Role;

  @ApiProperty({ required: false })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  readonly blocked?: boolean;

  @PageLimit(100)
  readonly limit: number = 20;

  @ApiProperty({ required: false, description: '`nextCursor` of the page before' })
  @IsOptional()
  @Uuid()
  readonly cursor?: string;
}

/** The roles a user is to have. */
export class SetRolesDto {
  @ApiProperty({ enum: ROLES, isArray: true })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  readonly roles!: Role[];
}

/** Why, and until when, a user is kept out. */
export class BlockUserDto {
  @IsString()
  @Length(1, 500)
  readonly reason!: string;

  @ApiProperty({ required: false, format: 'date-time', description: 'Absent: until somebody lifts it' })
  @IsOptional()
  @Instant()
  @MinDate(() => new Date())
  readonly until?: Date;
}

/** Why a user's second factor is taken away. */
export class DisableSecondFactorDto {
  @IsString()
  @Length(1, 500)
  readonly reason!: string;
}

/** A user, as administrators see one. */
export class AdminUserDto extends UserDto {
  @ApiProperty({ format: 'date-time', type: String, nullable: true })
  readonly blockedAt: string | null;
  @ApiProperty({ format: 'date-time', type: String, nullable: true })
  readonly blockedUntil: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly blockedReason: string | null;

  constructor(user: AdminUser) {
    super(user);
    this.blockedAt = user.blockedAt?.toISOString() ?? null;
    this.blockedUntil = user.blockedUntil?.toISOString() ?? null;
    this.blockedReason = user.blockedReason;
  }
}

/** A page of users. */
export class AdminUserListDto {
  readonly items: AdminUserDto[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor: string | null;

  constructor(users: AdminUser[], nextCursor: string | null) {
    this.items = users.map((user) => new AdminUserDto(user));
    this.nextCursor = nextCursor;
  }
}
