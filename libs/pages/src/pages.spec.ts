import { describe, expect, it } from 'vitest';
import { languageOf } from './language.js';
import { html, page } from './page.js';

describe('the language of a page', () => {
  it.each([
    [{ lang: 'ru' }, 'en', 'ru'],
    [{}, 'ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    [{}, 'de, en;q=0.5, ru;q=0.7', 'ru'],
    [{}, 'de', 'en'],
    [{}, 'ru;q=0', 'en'],
    [{ lang: 'xx' }, undefined, 'en'],
    [{ lang: ['ru', 'en'] }, undefined, 'en'],
  ])('with query %j and Accept-Language %j is %s', (query, header, expected) => {
    expect(languageOf({ query, headers: { 'accept-language': header } })).toBe(expected);
  });
});

describe('a page', () => {
  it('escapes what is put into it', () => {
    const evil = '<script>alert(1)</script>"';
    const document = page({ language: 'en', title: evil, body: html`<p title="${evil}">${evil}</p>` });
    expect(document).not.toContain('<script>alert');
  });

  it('names its language and brings no inline script', () => {
    const document = page({ language: 'ru', title: 'Вход', body: '', scripts: ['/assets/a.js'] });
    expect(document).toContain('<html lang="ru">');
    expect(document.match(/<script/g)).toHaveLength(1);
    expect(document).toContain('src="/assets/a.js"');
  });
});
