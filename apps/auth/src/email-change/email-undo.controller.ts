import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { Limits } from '#libs/throttling';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { FormPage } from '../web/form-page.decorator.js';
import { type PageVisit, Visit } from '../web/page-visit.js';
import { ConfirmEmailDto, EmailUndoneDto } from './email-change.dto.js';
import { undoPage, undoProblem, undoResultPage } from './email-undo.page.js';
import { EmailUndoService } from './email-undo.service.js';

@ApiTags('users')
@Controller('auth/email/undo')
export class EmailUndoController {
  constructor(private readonly emailUndo: EmailUndoService) {}

  /** The page the link in the mail to the previous address opens. */
  @Get()
  @Public()
  showEmailUndo(@Query('token') token: unknown, @Visit() visit: PageVisit): string {
    return visit.showFor(token, (language, text) => undoPage(language, text));
  }

  /** Puts the previous address back and shuts everybody out; called by the page's form or with JSON. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: EmailUndoneDto })
  @Public()
  @FormPage(undoProblem)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  undo(
    @Body() body: ConfirmEmailDto,
    @Visit() visit: PageVisit,
    @RequestClient() client: Client,
  ): Promise<EmailUndoneDto | string> {
    return visit.answer(() => this.emailUndo.undo(body.token, client), {
      answer: () => new EmailUndoneDto(),
      page: (language) => undoResultPage(language, 'done'),
    });
  }
}
