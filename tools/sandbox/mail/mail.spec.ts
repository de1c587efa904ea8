import { createTransport, type SendMailOptions } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, startSandbox } from '../testing/harness.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ mailKeep: 3 });
});
afterEach(() => sandbox.close());

interface SmtpError extends Error {
  code: string;
  responseCode?: number;
}

const MESSAGE = {
  from: '"Кино" <no-reply@example.com>',
  to: 'viewer@example.com',
  subject: 'Подтвердите адрес',
  text: 'Откройте https://shop.example/verify?token=abc&lang=ru сейчас',
  html: '<p>Откройте <a href="https://shop.example/verify?token=abc&amp;lang=ru">ссылку</a><script>alert(1)</script></p>',
  headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
};

async function send(change: Partial<SendMailOptions> = {}): Promise<string> {
  const transport = createTransport(sandbox.urls.smtp);
  const sent = await transport.sendMail({ ...MESSAGE, ...change });
  return sent.messageId;
}

async function failure(change: Partial<SendMailOptions> = {}, timeouts: object = {}): Promise<SmtpError> {
  const { hostname, port } = new URL(sandbox.urls.smtp);
  const transport = createTransport({ host: hostname, port: Number(port), ...timeouts });
  return transport.sendMail({ ...MESSAGE, ...change }).then(
    () => {
      throw new Error('the message was accepted');
    },
    (error: SmtpError) => error,
  );
}

interface Listed {
  total: number;
  items: { id: string; subject: string; text: string; messageId: string; links: string[] }[];
}

async function mails(query = ''): Promise<Listed> {
  return (await (await fetch(`${sandbox.urls.mailbox}/api/mails${query}`)).json()) as Listed;
}

describe('the mail catcher', () => {
  it('keeps what nodemailer sends, readable as JSON and byte by byte', async () => {
    const messageId = await send();
    const [mail] = (await mails('?to=viewer@example.com&subject=подтвердите&limit=1')).items;
    expect(mail).toMatchObject({
      subject: MESSAGE.subject,
      messageId,
      links: ['https://shop.example/verify?token=abc&lang=ru'],
    });
    expect(mail?.text.trim()).toBe(MESSAGE.text);
    const raw = await (await fetch(`${sandbox.urls.mailbox}/api/mails/${mail?.id}/raw`)).text();
    expect(raw).toContain(`Message-ID: ${messageId}`);
    const whole = (await (await fetch(`${sandbox.urls.mailbox}/api/mails/${mail?.id}`)).json()) as {
      headers: object[];
    };
    expect(whole.headers).toContainEqual({ name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' });
  });

  it('finds nothing for another recipient and keeps only as many as it was told', async () => {
    for (const subject of ['one', 'two', 'three', 'four']) await send({ subject });
    expect((await mails('?to=other@example.com')).items).toEqual([]);
    expect((await mails()).items.map(({ subject }) => subject)).toEqual(['four', 'three', 'two']);
    await fetch(`${sandbox.urls.mailbox}/api/mails`, { method: 'DELETE' });
    expect((await mails()).total).toBe(0);
  });

  it('counts how often each message reached each recipient', async () => {
    const messageId = '<outbox-1@example.com>';
    await send({ messageId, to: ['a@example.com', 'b@example.com'] });
    await send({ messageId, to: 'a@example.com' });
    const counts = (await (await control(sandbox, 'GET', '/mail/counts')).json()) as {
      items: object[];
      duplicates: number;
    };
    expect(counts.duplicates).toBe(1);
    expect(counts.items).toEqual([
      { messageId, recipient: 'a@example.com', accepted: 2 },
      { messageId, recipient: 'b@example.com', accepted: 1 },
    ]);
  });
});

describe('the mailbox page', () => {
  it('lists and shows a message with its links, in both languages, without running it', async () => {
    await send();
    const [mail] = (await mails()).items;
    const list = await (await fetch(`${sandbox.urls.mailbox}/?lang=ru`)).text();
    expect(list).toContain('Почтовый ящик');
    expect(list).toContain(`/mails/${mail?.id}`);
    const shown = await (await fetch(`${sandbox.urls.mailbox}/mails/${mail?.id}`)).text();
    expect(shown).toContain('SANDBOX - no real money');
    expect(shown).toContain('href="https://shop.example/verify?token&#61;abc&#38;lang&#61;ru"');
    const framed = await fetch(`${sandbox.urls.mailbox}/mails/${mail?.id}/html`);
    expect(framed.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox allow-popups/);
    expect(framed.headers.get('content-security-policy')).not.toContain('allow-scripts');
  });

  it('shows a subject as text, whatever is in it', async () => {
    await send({ subject: '<img src=x onerror=alert(1)>' });
    const list = await (await fetch(sandbox.urls.mailbox)).text();
    expect(list).not.toContain('<img');
  });
});

describe('refusals', () => {
  it.each([
    ['bounce@example.com', 550],
    ['bounce+42@example.com', 550],
    ['defer@example.com', 451],
  ])('%s is refused with %i', async (to, responseCode) => {
    expect(await failure({ to })).toMatchObject({ code: 'EENVELOPE', responseCode });
    expect((await mails()).total).toBe(0);
  });

  it.each([
    ['reject', 450, 450],
    ['reject', null, 550],
    ['reject_data', null, 552],
    ['refuse_connection', null, 421],
  ])('%s (%s) answers %i', async (kind, value, responseCode) => {
    await addFault(sandbox, { provider: 'mail', kind, value });
    expect((await failure()).responseCode).toBe(responseCode);
    expect((await mails()).total).toBe(0);
  });

  it.each(['drop_at_connect', 'drop_before_data'])('%s ends the connection and keeps nothing', async (kind) => {
    await addFault(sandbox, { provider: 'mail', kind });
    expect((await failure()).responseCode).toBeUndefined();
    expect((await mails()).total).toBe(0);
  });

  it.each(['drop_after_data', 'hang_after_data'])(
    '%s keeps the message and never confirms it, so a retry is a duplicate',
    async (kind) => {
      await addFault(sandbox, { provider: 'mail', kind, times: 1 });
      const messageId = '<twice@example.com>';
      await failure({ messageId }, { socketTimeout: 300 });
      await send({ messageId });
      const counts = (await (
        await control(sandbox, 'GET', `/mail/counts?messageId=${encodeURIComponent(messageId)}`)
      ).json()) as object;
      expect(counts).toMatchObject({ duplicates: 1 });
    },
  );

  it.each([
    ['slow_banner', { greetingTimeout: 100 }],
    ['hang', { socketTimeout: 300 }],
    ['slow', { socketTimeout: 300 }],
  ])('%s runs into the client timeout', async (kind, timeouts) => {
    await addFault(sandbox, { provider: 'mail', kind, value: 1000 });
    expect((await failure({}, timeouts)).code).toMatch(/ETIMEDOUT|ECONNECTION|ESOCKET/);
  });

  it('strike one recipient and spare the others', async () => {
    await addFault(sandbox, { provider: 'mail', kind: 'reject', match: 'unlucky@*' });
    await send({ to: ['unlucky@example.com', 'lucky@example.com'] });
    expect((await mails('?to=lucky@example.com')).items).toHaveLength(1);
    expect((await mails('?to=unlucky@example.com')).items).toHaveLength(0);
  });
});
