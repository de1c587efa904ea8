import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '#libs/access';
import { AuditPageDto, AuditQueryDto } from './audit.dto.js';
import { AuditRepository } from './audit.repository.js';

@ApiTags('admin: audit')
@Roles('super_user')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly log: AuditRepository) {}

  /** Who did what to what, and why; newest first. */
  @Get()
  async readAudit(@Query() { actorId, subjectId, cursor, limit }: AuditQueryDto): Promise<AuditPageDto> {
    const found = await this.log.page({ actor: actorId, subjectId, before: cursor, limit: limit + 1 });
    const page = found.slice(0, limit);
    const items = page.map(({ actor, ...act }) => ({ ...act, actorId: actor }));
    return { items, nextCursor: found.length > limit ? items.at(-1)!.id : null };
  }
}
