import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PageLimit, Uuid } from '#libs/http';
import type { AuditRow } from './audit.repository.js';

/** Which audit entries to show. */
export class AuditQueryDto {
  @ApiProperty({ required: false, format: 'uuid' })
  @IsOptional()
  @Uuid()
  readonly subjectId?: string;

  @ApiProperty({ required: false, format: 'uuid' })
  @IsOptional()
  @Uuid()
  readonly actorId?: string;

  @PageLimit(100)
  readonly limit: number = 20;

  @ApiProperty({ required: false, description: '`nextCursor` of the page before' })
  @IsOptional()
  @Uuid()
  readonly cursor?: string;
}

/** One act. */
export class AuditEntryDto {
  @ApiProperty({ format: 'uuid' })
  readonly id: string;
  @ApiProperty({ format: 'date-time' })
  readonly at: string;
  @ApiProperty({ type: String, nullable: true, description: 'null: a command on the server, or the service by itself' })
  readonly actorId: string | null;
  readonly action: string;
  @ApiProperty({ type: String, nullable: true })
  readonly subjectId: string | null;
  @ApiProperty({ type: Object, nullable: true })
  readonly before: Record<string, unknown> | null;
  @ApiProperty({ type: Object, nullable: true })
  readonly after: Record<string, unknown> | null;
  @ApiProperty({ type: String, nullable: true })
  readonly requestId: string | null;

  constructor(row: AuditRow) {
    this.id = row.id;
    this.at = row.at.toISOString();
    this.actorId = row.actorId;
    this.action = row.action;
    this.subjectId = row.subjectId;
    this.before = row.before;
    this.after = row.after;
    this.requestId = row.requestId;
  }
}

/** A page of the audit trail, newest first. */
export class AuditTrailDto {
  readonly items: AuditEntryDto[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor: string | null;

  constructor(rows: AuditRow[], nextCursor: string | null) {
    this.items = rows.map((row) => new AuditEntryDto(row));
    this.nextCursor = nextCursor;
  }
}
