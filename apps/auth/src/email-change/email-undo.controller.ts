import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { DomainError, toProblem } from '#libs/errors';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { isFormPost } from '../web/form.js';
import { ConfirmEmailDto, EmailUndoneDto } from './email-change.dto.js';
import { undoPage, undoResultPage } from './email-undo.page.js';
import { EmailUndoService } from './email-undo.service.js';

@ApiTags('users')
@Controller('auth/email/undo')
export class EmailUndoController {
  constructor(private readonly emailUndo: EmailUndoService) {}

  /** The page the link in the mail to the previous address opens. */
  @Get()
  @Public()
  showEmailUndo(
    @Query('token') token: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    void reply.headers(PAGE_HEADERS);
    return undoPage(languageOf(request), typeof token === 'string' ? token : '');
  }

  /** Puts the previous address back and shuts everybody out; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @Public()
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async undo(
    @Body() body: ConfirmEmailDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EmailUndoneDto | string> {
    if (!isFormPost(request)) {
      await this.emailUndo.undo(body.token);
      return new EmailUndoneDto();
    }
    void reply.headers(PAGE_HEADERS);
    try {
      await this.emailUndo.undo(body.token);
      return undoResultPage(languageOf(request), 'done');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      reply.status(toProblem(error).problem.status);
      return undoResultPage(languageOf(request), error.code === 'email.taken' ? 'taken' : 'failed');
    }
  }
}
