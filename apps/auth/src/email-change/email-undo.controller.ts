import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { DomainError } from '#libs/errors';
import { Limits } from '#libs/throttling';
import { type LinkVisit, Visit } from '../web/link-visit.js';
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
  showEmailUndo(@Query('token') token: unknown, @Visit() visit: LinkVisit): string {
    return visit.form(token, undoPage);
  }

  /** Puts the previous address back and shuts everybody out; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: EmailUndoneDto })
  @Public()
  @Limits({ ip: { limit: 60, seconds: 600 } })
  undo(@Body() body: ConfirmEmailDto, @Visit() visit: LinkVisit): Promise<EmailUndoneDto | string> {
    return visit.answer(() => this.emailUndo.undo(body.token), {
      answer: () => new EmailUndoneDto(),
      page: (language) => undoResultPage(language, 'done'),
      knows: DomainError,
      failed: (language, { code }) => undoResultPage(language, code === 'email.taken' ? 'taken' : 'failed'),
    });
  }
}
