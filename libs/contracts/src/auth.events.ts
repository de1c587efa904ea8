import { IsArray, IsBoolean, IsEmail, IsIn, IsISO8601, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { Contract, type Facts } from './contract.js';
import { type Locale, LOCALES } from './fields.js';

@Contract({ name: 'auth.user.registered', version: 1, description: 'A user exists now, by password or by Google.' })
export class UserRegisteredV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsBoolean() emailVerified!: boolean;
  @IsArray() @IsString({ each: true }) roles!: string[];
  @IsISO8601() registeredAt!: string;

  constructor(facts: Facts<UserRegisteredV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.verification_requested',
  version: 1,
  description:
    'A user needs a link that proves the address: of a sign-up, or with `movesAccount` of an account that is to move there.',
})
export class UserVerificationRequestedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  /** Sealed with `sealSecret`. */
  @IsString() @MaxLength(4096) sealedLink!: string;
  @IsISO8601() expiresAt!: string;
  /** Whether the link moves an account that exists already to this address; absent: it confirms a sign-up. */
  @IsOptional() @IsBoolean() movesAccount?: boolean | undefined;

  constructor(facts: Facts<UserVerificationRequestedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'auth.user.verified', version: 1, description: 'A user has proved the address.' })
export class UserVerifiedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsISO8601() verifiedAt!: string;

  constructor(facts: Facts<UserVerifiedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.email_changed',
  version: 1,
  description: 'A user is reached at another address from now on.',
})
export class UserEmailChangedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsEmail() previousEmail!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsISO8601() changedAt!: string;

  constructor(facts: Facts<UserEmailChangedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.email_undo_offered',
  version: 1,
  description: 'The address a user had before can take the account back through this link.',
})
export class UserEmailUndoOfferedV1 {
  @IsUUID() userId!: string;
  /** The previous address: the link goes there. */
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  /** Sealed with `sealSecret`. */
  @IsString() @MaxLength(4096) sealedLink!: string;
  @IsISO8601() expiresAt!: string;

  constructor(facts: Facts<UserEmailUndoOfferedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.locale_changed',
  version: 1,
  description: 'A user reads pages and mails in another language from now on.',
})
export class UserLocaleChangedV1 {
  @IsUUID() userId!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsISO8601() changedAt!: string;

  constructor(facts: Facts<UserLocaleChangedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'auth.user.roles_changed', version: 1, description: 'A user has these roles now, and no others.' })
export class UserRolesChangedV1 {
  @IsUUID() userId!: string;
  @IsArray() @IsString({ each: true }) roles!: string[];
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<UserRolesChangedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'auth.user.blocked', version: 1, description: 'A user was blocked, or let in again.' })
export class UserBlockedV1 {
  @IsUUID() userId!: string;
  @IsBoolean() blocked!: boolean;
  @IsOptional() @IsString() @MaxLength(500) reason?: string | undefined;
  /** Absent: until somebody lifts the block. */
  @IsOptional() @IsISO8601() until?: string | undefined;
  @IsISO8601() at!: string;
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<UserBlockedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.deleted',
  version: 1,
  description: 'A user asked to be forgotten; what others keep of the person must go.',
})
export class UserDeletedV1 {
  @IsUUID() userId!: string;
  @IsISO8601() deletedAt!: string;
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<UserDeletedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.password_recovery_requested',
  version: 1,
  description: 'A user needs a link to set a new password.',
})
export class PasswordRecoveryRequestedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  /** Sealed with `sealSecret`. */
  @IsString() @MaxLength(4096) sealedLink!: string;
  @IsISO8601() expiresAt!: string;

  constructor(facts: Facts<PasswordRecoveryRequestedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'auth.user.password_changed', version: 1, description: "A user's password is another one now." })
export class PasswordChangedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsISO8601() changedAt!: string;

  constructor(facts: Facts<PasswordChangedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.user.registration_repeated',
  version: 1,
  description: 'Somebody signed up with an address that has an account already: its owner is told, the caller is not.',
})
export class RegistrationRepeatedV1 {
  @IsUUID() userId!: string;
  @IsEmail() email!: string;
  @IsIn(LOCALES) locale!: Locale;
  @IsISO8601() at!: string;

  constructor(facts: Facts<RegistrationRepeatedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.identity.linked',
  version: 1,
  description: 'A user can sign in through this provider from now on.',
})
export class IdentityLinkedV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) provider!: string;
  @IsISO8601() at!: string;

  constructor(facts: Facts<IdentityLinkedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.identity.unlinked',
  version: 1,
  description: 'A user can no longer sign in through this provider.',
})
export class IdentityUnlinkedV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) provider!: string;
  @IsISO8601() at!: string;

  constructor(facts: Facts<IdentityUnlinkedV1>) {
    Object.assign(this, facts);
  }
}
