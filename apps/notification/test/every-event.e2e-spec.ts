import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractOf, LOCALES, sealSecret } from '#libs/contracts';
import type { NotificationListDto } from '../src/inbox/notification.dto.js';
import { RULES } from '../src/messages/rules.js';
import { NotificationLab, SECRETS_KEY } from './lab.js';

const lab = new NotificationLab();
beforeAll(() => lab.start());
afterAll(() => lab.stop());

const LINK = 'https://cinema.example/link?token=s3cr3t';
const CYRILLIC = /[а-яё]/i;

/** The stored sample of an event, about another user. */
async function sampleOf(
  rule: (typeof RULES)[number],
  about: { userId: string; email: string; locale: string },
): Promise<object> {
  const { name, version } = contractOf(rule.contract);
  const file = new URL(`../../../libs/contracts/samples/${name}.v${version}.json`, import.meta.url);
  const { payload } = JSON.parse(await readFile(file, 'utf8')) as { payload: Record<string, unknown> };
  const facts: Record<string, unknown> = { ...payload, userId: about.userId };
  if ('email' in facts) facts['email'] = about.email;
  if ('previousEmail' in facts) facts['previousEmail'] = about.email;
  if ('locale' in facts) facts['locale'] = about.locale;
  if ('sealedLink' in facts) facts['sealedLink'] = sealSecret(LINK, SECRETS_KEY);
  return Object.assign(Object.create(rule.contract.prototype as object) as object, facts);
}

describe.each(RULES.map((rule) => ({ name: rule.contract.name, rule })))('$name', ({ rule }) => {
  it.each(LOCALES)('reaches its user in %s, in the mailbox and, unless it is mail only, the inbox', async (locale) => {
    const user = await lab.addUser(locale, { userId: randomUUID() });
    const event = await sampleOf(rule, user);
    const { channels } = rule.says(event as never);
    await lab.publish(event, { aggregateId: user.userId, aggregateVersion: 5 });
    const [arrived] = await lab.mails.waitFor(user.email);
    const { subject = '', text = '', html } = arrived!.mail;
    expect(CYRILLIC.test(subject)).toBe(locale === 'ru');
    for (const part of [subject, text, String(html)])
      expect(part).not.toMatch(/\{\{|\{%|undefined|null|\[object|NaN|Invalid/);
    if ('sealedLink' in event) expect(text).toContain(LINK);
    const { items } = (await lab.call<NotificationListDto>('GET', '/notifications', user)).body;
    expect(items.map(({ title }) => title)).toEqual(channels.includes('inbox') ? [subject] : []);
    expect(JSON.stringify(items)).not.toContain('s3cr3t');
  });
});
