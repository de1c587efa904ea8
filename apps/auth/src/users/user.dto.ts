import { ApiProperty } from '@nestjs/swagger';
import { type Role, ROLES } from '#libs/access';
import { type Locale, LOCALES } from '#libs/contracts';
import type { User } from './user.js';

/** A user's own account. */
export class UserDto {
  @ApiProperty({ format: 'uuid' })
  readonly id: string;
  @ApiProperty({ format: 'email' })
  readonly email: string;
  readonly emailVerified: boolean;
  @ApiProperty({ enum: ROLES, isArray: true })
  readonly roles: Role[];
  @ApiProperty({ enum: LOCALES })
  readonly locale: Locale;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt: string;

  constructor(user: User) {
    this.id = user.id;
    this.email = user.email;
    this.emailVerified = user.emailVerified;
    this.roles = user.roles;
    this.locale = user.locale;
    this.createdAt = user.createdAt.toISOString();
  }
}
