import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, isUUID, Matches, MaxLength } from 'class-validator';
import { PageLimit, Uuid } from '#libs/http';

/** Which acts to show. */
export class AuditQueryDto {
  /** Acts of this administrator. */
  @IsOptional()
  @Uuid()
  actorId?: string;

  /** Acts on this payment, plan, user, whatever the id is of. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (isUUID(value) ? (value as string).toLowerCase() : value))
  @IsString()
  @MaxLength(255)
  @Matches(/^[\w:.-]+$/)
  subjectId?: string;

  @PageLimit(200)
  limit: number = 50;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,18}$/)
  cursor?: string;
}

/** One act of an administrator. */
export class AuditEntryDto {
  id!: string;
  at!: Date;
  /** The administrator's user id. */
  actorId!: string;
  /** For example refund.requested */
  action!: string;
  /** For example payment */
  subjectType!: string;
  subjectId!: string;
  reason!: string | null;
  @ApiProperty({ type: Object, additionalProperties: true })
  details!: Record<string, unknown>;
}

/** A page of the audit log. */
export class AuditPageDto {
  items!: AuditEntryDto[];
  nextCursor!: string | null;
}
