import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'ghtml';
import { type Language, languageOf, page, sendPage } from '../core/page.ts';
import type { Mail, Mailbox, MailSummary } from './mailbox.ts';

const WORDS = {
  en: {
    title: 'Mailbox',
    hint: 'Every message the services sent. None of them left this machine.',
    empty: 'No mail yet.',
    from: 'From',
    to: 'To',
    received: 'Received',
    filterTo: 'Recipient address',
    show: 'Show',
    all: 'All mail',
    links: 'Links in this message',
    text: 'Text',
    html: 'As it looks',
    headers: 'Headers',
    raw: 'Raw message',
    attachments: 'Attachments',
    none: 'no subject',
    missing: 'There is no such message.',
  },
  ru: {
    title: 'Почтовый ящик',
    hint: 'Все письма, которые отправили сервисы. Ни одно не ушло с этой машины.',
    empty: 'Писем пока нет.',
    from: 'От кого',
    to: 'Кому',
    received: 'Получено',
    filterTo: 'Адрес получателя',
    show: 'Показать',
    all: 'Все письма',
    links: 'Ссылки в письме',
    text: 'Текст',
    html: 'Как выглядит',
    headers: 'Заголовки',
    raw: 'Письмо целиком',
    attachments: 'Вложения',
    none: 'без темы',
    missing: 'Такого письма нет.',
  },
};

type Query = Record<string, string | undefined>;

/** The mailbox for people, and its JSON for tests. */
export function mailboxRoutes(app: FastifyInstance, mailbox: Mailbox): void {
  app.get('/', async (request, reply) => {
    const { to } = request.query as Query;
    const language = languageOf(request);
    return sendPage(reply, listMarkup(language, mailbox.list({ to: to || undefined, limit: 200 }), to ?? ''));
  });

  app.get('/mails/:id', async (request, reply) => {
    const language = languageOf(request);
    const mail = find(mailbox, request);
    if (!mail)
      return sendPage(reply, page(language, WORDS[language].title, html`<h1>${WORDS[language].missing}</h1>`), 404);
    return sendPage(reply, mailMarkup(language, mail));
  });

  app.get('/mails/:id/html', async (request, reply) => framed(reply, find(mailbox, request)));

  for (const path of ['/mails/:id/raw', '/api/mails/:id/raw']) {
    app.get(path, async (request, reply) => {
      const mail = find(mailbox, request);
      if (!mail) return reply.code(404).send({ error: 'not found' });
      return reply.type('text/plain').header('x-content-type-options', 'nosniff').send(Buffer.from(mail.raw, 'latin1'));
    });
  }

  app.get('/api/mails', async (request) => {
    const { to, subject, limit } = request.query as Query;
    const mails = mailbox.list({
      to,
      subject,
      limit: limit === undefined ? undefined : Math.max(0, Number(limit) || 0),
    });
    return { total: mailbox.size, items: mails.map(({ raw: _raw, headers: _headers, ...mail }) => mail) };
  });

  app.get('/api/mails/:id', async (request, reply) => {
    const mail = find(mailbox, request);
    if (!mail) return reply.code(404).send({ error: 'not found' });
    const { raw: _raw, ...rest } = mail;
    return rest;
  });

  app.delete('/api/mails', async (_request, reply) => {
    mailbox.clear();
    return reply.code(204).send();
  });
}

function find(mailbox: Mailbox, request: FastifyRequest): Mail | undefined {
  return mailbox.get((request.params as { id: string }).id);
}

/** The message's own HTML: no script, no foreign content; its links open in a new tab. */
function framed(reply: FastifyReply, mail: Mail | undefined): FastifyReply {
  if (!mail?.html) return reply.code(404).send({ error: 'not found' });
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
    )
    .header('referrer-policy', 'no-referrer')
    .send(`<base target="_blank">${mail.html}`);
}

function listMarkup(language: Language, mails: readonly MailSummary[], to: string): string {
  const words = WORDS[language];
  const rows = mails.map(
    (mail) =>
      html`<li>
        <a href="/mails/${mail.id}?lang=${language}">${mail.subject || words.none}</a><br />
        ${words.to}: ${mail.to.join(', ')}<br />
        <span class="quiet">${mail.from}, <time datetime="${mail.receivedAt}">${readable(mail.receivedAt)}</time></span>
      </li>`,
  );
  const body = html`<h1>${words.title}</h1>
    <p>${words.hint}</p>
    <form method="get" action="/">
      <input type="hidden" name="lang" value="${language}" />
      <label for="to">${words.filterTo}</label>
      <div class="row">
        <input id="to" name="to" type="email" value="${to}" autocomplete="off" />
        <button>${words.show}</button>
      </div>
    </form>
    !${
      mails.length === 0
        ? html`<p>${words.empty}</p>`
        : html`<ul class="mails">
            !${rows}
          </ul>`
    }`;
  return page(language, words.title, body, { en: '?lang=en', ru: '?lang=ru' });
}

function mailMarkup(language: Language, mail: Mail): string {
  const words = WORDS[language];
  const subject = mail.subject || words.none;
  const body = html`<p><a href="/?lang=${language}">← ${words.all}</a></p>
    <h1>${subject}</h1>
    <p>
      ${words.from}: ${mail.from}<br />${words.to}: ${mail.to.join(', ')}<br />${words.received}:
      <time datetime="${mail.receivedAt}">${readable(mail.receivedAt)}</time>
    </p>
    !${
      mail.links.length > 0
        ? html`<h2>${words.links}</h2>
            <ul>
              !${mail.links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}
            </ul>`
        : ''
    }
    !${
      mail.html
        ? html`<h2>${words.html}</h2>
            <iframe
              title="${words.html}"
              sandbox="allow-popups allow-popups-to-escape-sandbox"
              src="/mails/${mail.id}/html"
            ></iframe>`
        : ''
    }
    <h2>${words.text}</h2>
    <pre>!${clickable(mail.text)}</pre>
    !${
      mail.attachments.length > 0
        ? html`<h2>${words.attachments}</h2>
            <ul>
              !${mail.attachments.map((file) => html`<li>${file.filename} (${file.contentType}, ${file.size} B)</li>`)}
            </ul>`
        : ''
    }
    <details>
      <summary>${words.headers}</summary>
      <pre>${mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}</pre>
    </details>
    <p><a href="/mails/${mail.id}/raw">${words.raw}</a></p>`;
  return page(language, subject, body, { en: '?lang=en', ru: '?lang=ru' });
}

function clickable(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"')\]]+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`))
    .join('');
}

function readable(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
