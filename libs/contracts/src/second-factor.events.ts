import { IsIn, IsInt, IsISO8601, IsOptional, IsString, IsUUID, MaxLength, Min } from 'class-validator';
import { Contract, type Facts } from './contract.js';
import { type Locale, LOCALES } from './fields.js';

@Contract({
  name: 'auth.second_factor.enabled',
  version: 1,
  description: 'A user gives a code of an authenticator app at every sign-in from now on.',
})
export class SecondFactorEnabledV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) deviceType!: string;
  @IsOptional() @IsString() @MaxLength(200) browser?: string | undefined;
  @IsOptional() @IsString() @MaxLength(200) os?: string | undefined;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsIn(LOCALES) locale!: Locale;

  constructor(facts: Facts<SecondFactorEnabledV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.second_factor.disabled',
  version: 1,
  description: 'A user signs in without a second factor from now on; the recovery codes are void.',
})
export class SecondFactorDisabledV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) deviceType!: string;
  @IsOptional() @IsString() @MaxLength(200) browser?: string | undefined;
  @IsOptional() @IsString() @MaxLength(200) os?: string | undefined;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsIn(LOCALES) locale!: Locale;

  constructor(facts: Facts<SecondFactorDisabledV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.second_factor.recovery_codes_renewed',
  version: 1,
  description: 'A user has new recovery codes; the ones before are void.',
})
export class RecoveryCodesRenewedV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) deviceType!: string;
  @IsOptional() @IsString() @MaxLength(200) browser?: string | undefined;
  @IsOptional() @IsString() @MaxLength(200) os?: string | undefined;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsIn(LOCALES) locale!: Locale;

  constructor(facts: Facts<RecoveryCodesRenewedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.second_factor.recovery_code_used',
  version: 1,
  description: 'A recovery code took the place of a code of the authenticator app, and is void now.',
})
export class RecoveryCodeUsedV1 {
  @IsUUID() userId!: string;
  /** How many codes are left. */
  @IsInt() @Min(0) remaining!: number;
  @IsString() @MaxLength(40) deviceType!: string;
  @IsOptional() @IsString() @MaxLength(200) browser?: string | undefined;
  @IsOptional() @IsString() @MaxLength(200) os?: string | undefined;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsIn(LOCALES) locale!: Locale;

  constructor(facts: Facts<RecoveryCodeUsedV1>) {
    Object.assign(this, facts);
  }
}
