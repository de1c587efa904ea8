import { Controller, Get, Headers, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type Principal, Roles, ServicesToo, SignedIn } from '#libs/access';
import { Limits } from '#libs/throttling';
import { AuditService } from '../audit/audit.service.js';
import { EntitledUserDto, EntitlementsDto } from './entitlement.dto.js';
import { EntitlementsService } from './entitlements.service.js';

@ApiTags('entitlements')
@Controller('entitlements')
export class EntitlementsController {
  constructor(
    private readonly entitlements: EntitlementsService,
    private readonly audit: AuditService,
  ) {}

  /** What the signed-in user may watch, and until when; 304 when the caller's ETag still holds. */
  @Get('me')
  @SignedIn()
  async getOwnEntitlements(
    @CurrentUser() { userId }: Principal,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntitlementsDto | undefined> {
    return this.answer(userId, known, reply);
  }

  /** What any user may watch: for administrators, and for services with a key of theirs, each up to 200 a second. */
  @Get(':userId')
  @Roles('admin', 'super_user')
  @ServicesToo()
  @Limits({ service: { limit: 12_000, seconds: 60 } })
  async getUserEntitlements(
    @Req() { principal: administrator }: { principal?: Principal },
    @Param() { userId }: EntitledUserDto,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntitlementsDto | undefined> {
    if (administrator) await this.audit.viewed(administrator.userId, 'entitlements.viewed', [userId]);
    return this.answer(userId, known, reply);
  }

  /** The version names the answer: who has it already is told that it still holds. */
  private async answer(
    userId: string,
    known: string | undefined,
    reply: FastifyReply,
  ): Promise<EntitlementsDto | undefined> {
    const state = await this.entitlements.of(userId);
    const etag = `"${userId}.${state.version}"`;
    void reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (known !== etag) return EntitlementsDto.of(userId, state);
    void reply.status(304);
    return undefined;
  }
}
