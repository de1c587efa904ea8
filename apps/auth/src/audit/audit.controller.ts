import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { AuditQueryDto, AuditTrailDto } from './audit.dto.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

@ApiTags('admin: audit')
@Controller('admin/audit')
@Roles('super_user')
export class AuditController {
  constructor(
    private readonly trail: AuditRepository,
    private readonly audit: AuditService,
  ) {}

  /** Who did what to whom, newest first. */
  @Get()
  async readAudit(@CurrentUser() actor: Principal, @Query() query: AuditQueryDto): Promise<AuditTrailDto> {
    const { subjectId, actorId, cursor: after, limit } = query;
    const rows = await this.trail.page({ subjectId, actorId, after, limit: limit + 1 });
    const items = rows.slice(0, limit);
    if (subjectId) await this.audit.viewed(actor.userId, 'audit.viewed', [subjectId]);
    return new AuditTrailDto(items, rows.length > limit ? items.at(-1)!.id : null);
  }
}
