import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '#libs/access';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import { ListQueryDto } from '../lists/list.dto.js';
import { AuditListDto } from './audit.dto.js';
import { AuditRepository } from './audit.repository.js';

/** What administrators did, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: audit')
@Controller('admin/audit')
export class AuditController {
  constructor(
    private readonly audit: AuditRepository,
    private readonly contacts: ContactsRepository,
  ) {}

  /** Newest first. */
  @Get()
  async listAudit(@Query() { limit, cursor }: ListQueryDto): Promise<AuditListDto> {
    const found = await this.audit.page(limit + 1, idOf(cursor));
    const page = found.slice(0, limit);
    const contacts = await this.contacts.findMany(page.map(({ by }) => by));
    const items = page.map(({ _id, at, by, action, subject, details }) => ({
      id: _id,
      at: at.toISOString(),
      by,
      byAddress: contacts.get(by)?.email ?? null,
      action,
      subject,
      details: details ?? {},
    }));
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }
}
