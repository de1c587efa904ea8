import { IsIn, IsISO8601, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { Contract, type Facts } from './contract.js';
import { type Locale, LOCALES } from './fields.js';

@Contract({ name: 'auth.login.new_device', version: 1, description: 'A user signed in from a device not seen before.' })
export class NewDeviceLoginV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(40) deviceType!: string;
  @IsOptional() @IsString() @MaxLength(200) browser?: string | undefined;
  @IsOptional() @IsString() @MaxLength(200) os?: string | undefined;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<NewDeviceLoginV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.session.revoked',
  version: 1,
  description: 'A session, or all sessions of a user, ended before their time.',
})
export class SessionRevokedV1 {
  @IsUUID() userId!: string;
  /** Absent: every session of the user. */
  @IsOptional() @IsUUID() sessionId?: string | undefined;
  @IsIn(['logout', 'logout_all', 'password_changed', 'blocked', 'deleted', 'roles_changed', 'refresh_reused', 'admin'])
  reason!:
    'logout' | 'logout_all' | 'password_changed' | 'blocked' | 'deleted' | 'roles_changed' | 'refresh_reused' | 'admin';
  @IsISO8601() revokedAt!: string;
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<SessionRevokedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'auth.security.refresh_reused',
  version: 1,
  description: 'A spent refresh token came back: the session may have been stolen and is closed.',
})
export class RefreshReusedV1 {
  @IsUUID() userId!: string;
  @IsUUID() sessionId!: string;
  @IsOptional() @IsString() @MaxLength(64) ip?: string | undefined;
  @IsISO8601() at!: string;
  @IsOptional() @IsIn(LOCALES) locale?: Locale | undefined;

  constructor(facts: Facts<RefreshReusedV1>) {
    Object.assign(this, facts);
  }
}
