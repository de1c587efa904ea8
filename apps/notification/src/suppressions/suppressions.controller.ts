import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { DomainError } from '#libs/errors';
import { AuditRepository } from '../audit/audit.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import { ListQueryDto } from '../lists/list.dto.js';
import { SuppressionDto, SuppressionListDto } from './suppression.dto.js';
import type { Suppression } from './suppression.schema.js';
import { SuppressionsRepository } from './suppressions.repository.js';

const HASH = /^[0-9a-f]{64}$/;

/** The suppression list, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: suppressions')
@Controller('admin/suppressions')
export class SuppressionsController {
  constructor(
    private readonly suppressions: SuppressionsRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** Newest first. */
  @Get()
  async listSuppressions(@Query() { limit, cursor }: ListQueryDto): Promise<SuppressionListDto> {
    const id = idOf(cursor, HASH);
    const found = await this.suppressions.page(
      limit + 1,
      id === undefined ? undefined : await this.suppressions.find(id),
    );
    const items = found.slice(0, limit).map(toDto);
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }

  /** The address gets mail again. */
  @Delete(':id')
  @HttpCode(204)
  async removeSuppression(@CurrentUser() { userId }: Principal, @Param('id') id: string): Promise<void> {
    if (!(await this.suppressions.remove(id))) {
      throw new DomainError('suppression.not_found', 'not_found', 'This address is not on the list.');
    }
    await this.audit.record(userId, 'suppression.removed', id);
  }
}

function toDto({ _id, address, reason, response, createdAt }: Suppression): SuppressionDto {
  return { id: _id, address: address ?? null, reason, response, createdAt: createdAt.toISOString() };
}
