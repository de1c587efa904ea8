import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { html, type Language, languageOf, page, PAGE_HEADERS, type PageOptions } from '#libs/pages';
import { PreferencesService } from './preferences.service.js';
import type { Refusable } from './preferences.schema.js';

const WORDS = {
  en: {
    title: 'Unsubscribe',
    ask: 'You will get no more mails of this kind:',
    button: 'Unsubscribe',
    done: 'You are unsubscribed',
    doneText: 'You will get no more mails of this kind. Messages about the safety of your account will still come.',
    invalid: 'This link is not valid',
    invalidText: 'It may have been cut off by your mail program.',
    category: { billing: 'receipts', product: 'news about your account', marketing: 'news and offers' },
  },
  ru: {
    title: 'Отписаться',
    ask: 'Вы больше не будете получать такие письма:',
    button: 'Отписаться',
    done: 'Вы отписаны',
    doneText: 'Такие письма больше не придут. Сообщения о безопасности учётной записи будут приходить.',
    invalid: 'Ссылка недействительна',
    invalidText: 'Возможно, почтовая программа обрезала её.',
    category: { billing: 'чеки', product: 'новости об учётной записи', marketing: 'новости и предложения' },
  },
} as const satisfies Record<Language, { category: Record<Refusable, string> } & Record<string, unknown>>;

/** The public page behind unsubscribe links. */
@Public()
@ApiTags('preferences')
@Controller('unsubscribe')
export class UnsubscribeController {
  constructor(private readonly preferences: PreferencesService) {}

  /** A page that asks; nothing changes, since mail scanners open every link. */
  @Get(':token')
  ask(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const language = languageOf(request);
    const words = WORDS[language];
    const known = this.preferences.readToken(token);
    if (!known) return invalid(reply, language);
    const body = html`<h1>${words.title}</h1>
      <p>${words.ask} <strong>${words.category[known.category]}</strong></p>
      <form method="post"><button>${words.button}</button></form>`;
    return show(reply, { language, title: words.title, body });
  }

  /** Unsubscribes, with one click and without signing in (RFC 8058). */
  @Post(':token')
  @HttpCode(200)
  async unsubscribe(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const language = languageOf(request);
    const words = WORDS[language];
    if (!(await this.preferences.unsubscribe(token))) return invalid(reply, language);
    const body = html`<h1>${words.done}</h1>
      <p role="status">${words.doneText}</p>`;
    return show(reply, { language, title: words.done, body });
  }
}

function show(reply: FastifyReply, options: PageOptions): string {
  void reply.headers(PAGE_HEADERS);
  return page(options);
}

function invalid(reply: FastifyReply, language: Language): string {
  const words = WORDS[language];
  void reply.status(404);
  const body = html`<h1>${words.invalid}</h1>
    <p role="alert">${words.invalidText}</p>`;
  return show(reply, { language, title: words.invalid, body });
}
