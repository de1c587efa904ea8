import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { textFault } from '../templates/template-check.js';

type Told = readonly [string, string];
type Sentence = (about: string) => string;

interface Dictionary {
  FAULTS: Record<string, Told>;
  TEXT_FAULTS: Record<string, readonly [Sentence, Sentence]>;
  sentenceFor(error: object, language: string): string;
}

const root = join(import.meta.dirname, '../../../..');

/** All of this service, and of auth what signs an administrator in: the folders whose routes the panel calls. */
const SOURCES = 'apps/notification/src/**/*.ts libs/{access,errors,http,messaging,throttling}/src/**/*.ts'.split(' ');
const SIGN_IN = 'apps/auth/src/{passwords,second-factor,sessions,sign-in,users,web}/**/*.ts';

const KINDS = 'invalid|unauthenticated|payment_required|forbidden|not_found|conflict|too_many|unavailable';
const OF_ERRORS = new RegExp(`'([a-z_]+\\.[a-z_]+)',\\s*'(?:${KINDS})'`, 'g');
/** Codes of what the framework refuses are written beside their status. */
const OF_STATUSES = /(?:\b\d{3}[:,]|\?\?) '([a-z_]+\.[a-z_]+)'/g;

/** Every code of a problem document that is written down in the sources. */
function codes(): string[] {
  const files = globSync([...SOURCES, SIGN_IN], { cwd: root }).filter((file) => !/spec\.ts$/.test(file));
  const found = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    return [...source.matchAll(OF_ERRORS), ...source.matchAll(OF_STATUSES)].map(([, code]) => code!);
  });
  return [...new Set(found)].toSorted();
}

describe('what the panel says of a refusal', () => {
  let dictionary: Dictionary;
  beforeAll(async () => {
    const file = join(root, 'apps/notification/public/faults.js');
    dictionary = (await import(pathToFileURL(file).href)) as Dictionary;
  });

  it('is there for every code its calls can get, in both languages, and for no other', () => {
    const { FAULTS } = dictionary;
    expect(Object.keys(FAULTS).toSorted()).toEqual(codes());
    for (const [code, [en, ru]] of Object.entries(FAULTS)) {
      expect(en, code).toMatch(/^[A-Z][^а-яё]+[.]$/);
      expect(ru, code).toMatch(/^[А-Я].*[.]$/);
    }
  });

  it('names every fault of a text in both languages', () => {
    for (const [code, [en, ru]] of Object.entries(dictionary.TEXT_FAULTS)) {
      expect(textFault(code as never, 'link').message, code).not.toBe('');
      for (const said of [en('link'), ru('link')]) expect(said.includes('link')).toBe(ru('link') !== ru(''));
      expect(ru('')).toMatch(/[а-я]/);
    }
  });

  it.each([
    [{ status: 409, code: 'campaign.changed' }, 'Рассылку тем временем изменили. Посмотрите на неё ещё раз.'],
    [
      { status: 418, code: 'of.tomorrow', message: 'I am new here.' },
      'На сервере что-то пошло не так. Попробуйте ещё раз.',
    ],
    [{ message: 'Failed to fetch' }, 'Сервер недоступен. Попробуйте ещё раз.'],
    [
      {
        status: 422,
        code: 'template.content_invalid',
        errors: [{ field: 'ru', code: 'must_be_shown', about: 'link', message: 'The text must show {{ link }}.' }],
      },
      'Этот текст использовать нельзя. Русский: В тексте должно быть {{ link }}.',
    ],
    [
      {
        status: 422,
        code: 'request.invalid',
        errors: [
          { field: 'content.en.subject', message: 'subject must be a string' },
          { field: 'content.en.subject', message: 'subject must be longer than 1' },
          { field: 'name', message: 'name must be longer than 1' },
        ],
      },
      'Проверьте, что вы ввели. Английский, Тема; Название',
    ],
  ])('holds no English in the Russian panel: %o', (error, sentence) => {
    expect(dictionary.sentenceFor(error, 'ru')).toBe(sentence);
  });

  it('tells the rule a field has broken in English', () => {
    const errors = [{ field: 'name', message: 'name must be longer than 1' }];
    const error = { status: 422, code: 'request.invalid', errors };
    const said = 'Please check what you have entered. Name: name must be longer than 1';
    expect(dictionary.sentenceFor(error, 'en')).toBe(said);
  });
});
