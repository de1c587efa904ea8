import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { CompiledTemplate } from '../templates/compiled-template.js';
import { MailForm, type MailFacts } from './mail-form.js';

const FROM = 'Кино <no-reply@cinema.example>';
const facts: MailFacts = { to: 'a@example.com', messageId: '<1@cinema.example>' };
const UNSUBSCRIBE = 'https://cinema.example/unsubscribe/token';

/** A form of a template with one variable, and a way to fill it. */
function formOf(subject: string, body: string) {
  const template = new CompiledTemplate({ subject, body }, 'ru', { email: 'text' });
  const form = new MailForm(template, FROM);
  return async (email: string, own: Partial<MailFacts> = {}) => {
    const message = template.render({ email }, { unsubscribeUrl: own.unsubscribeUrl });
    const raw = (await form.fill(message, { ...facts, ...own })).toString();
    return { message, raw, mail: await simpleParser(raw) };
  };
}

describe('a mail filled in from its form', () => {
  it('says to every reader what was written for them, whatever its characters', async () => {
    const body = `# Привет, {{ email }}\n\n.строка с точкой = и ${'длинная '.repeat(60)}\n\n{% if email == "b" %}Only b{% endif %}`;
    const fill = formOf('Новый фильм: {{ email }} 🎬', body);
    for (const email of ['a', 'b', 'ы'.repeat(90), '=?utf-8?q?x?= {{ email }}', 'x\n.\ny', 'a']) {
      const { message, mail, raw } = await fill(email, { unsubscribeUrl: UNSUBSCRIBE });
      expect(mail.subject).toBe(message.subject);
      expect(mail.text!.trim()).toBe(message.text.trim());
      expect((mail.html as string).trim()).toBe(message.html.trim());
      expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(200);
      expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]|[^\t -~]/);
    }
  });

  it('has each header once, those of its reader among them', async () => {
    const fill = formOf('Hello', 'Hello {{ email }}');
    await fill('other', { to: 'other@example.com', messageId: '<0@cinema.example>', unsubscribeUrl: UNSUBSCRIBE });
    const { mail, raw } = await fill('a', { to: 'b@пример.рф', unsubscribeUrl: UNSUBSCRIBE });
    expect(mail.headerLines.map(({ key }) => key).toSorted()).toEqual([
      'content-type',
      'date',
      'from',
      'list-unsubscribe',
      'list-unsubscribe-post',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(mail.messageId).toBe('<1@cinema.example>');
    expect(mail.from?.value).toEqual([{ name: 'Кино', address: 'no-reply@cinema.example' }]);
    expect(raw).toContain('To: b@xn--e1afmkfd.xn--p1ai\r\n');
    expect(raw).toContain(
      `List-Unsubscribe: <${UNSUBSCRIBE}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`,
    );
    expect(raw).not.toContain('other');
  });

  it('takes no value for the end of a part, though readers can know the boundary from an earlier mail', async () => {
    const fill = formOf('Hello', 'Hello {{ email }}');
    const [, boundary] = /boundary="([^"]+)"/.exec((await fill('a')).raw)!;
    const forged = `x\n--${boundary}\nContent-Type: text/html\n\n<b>forged</b>\n--${boundary}--`;
    const { mail, message, raw } = await fill(forged);
    expect(raw).toContain(`boundary="${boundary}"`);
    expect(mail.text!.trim()).toBe(message.text.trim());
    expect((mail.html as string).trim()).toBe(message.html.trim());
  });

  it('names no way to unsubscribe where there is none', async () => {
    expect((await formOf('Hello', 'Hello')('a')).raw).not.toMatch(/unsubscribe/i);
  });
});
