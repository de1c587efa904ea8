import { describe, expect, it } from 'vitest';
import { LOCALES } from '#libs/contracts';
import { CompiledTemplate } from './compiled-template.js';
import { formatMoney, formatTime, localeFor } from './locale.js';
import { STARTER_EN } from './starter.en.js';
import { STARTER_RU } from './starter.ru.js';
import { type Facts, type FactType, type TemplateKey, TEMPLATES } from './template.js';

const template = (body: string, variables: Record<string, FactType> = { name: 'text', link: 'link' }) =>
  new CompiledTemplate({ subject: 'Hello {{ name }}', body }, 'en', variables);

const SAMPLES: Record<FactType, Facts[string]> = {
  text: 'something',
  number: 3,
  money: { amountMinor: '2000', currency: 'EUR' },
  time: '2026-11-23T10:00:00.000Z',
  link: 'https://cinema.example/x',
  sealedLink: 'https://cinema.example/y',
};

describe('the starter set', () => {
  const starters = { en: STARTER_EN, ru: STARTER_RU };
  const all = LOCALES.flatMap((locale) => (Object.keys(TEMPLATES) as TemplateKey[]).map((key) => ({ locale, key })));

  it.each(all)('$key in $locale fills in every variable and knows no other', ({ locale, key }) => {
    const { variables } = TEMPLATES[key];
    const compiled = new CompiledTemplate(starters[locale][key], locale, variables);
    expect(compiled.unknownVariables()).toEqual([]);
    const facts = Object.fromEntries(Object.entries(variables).map(([name, type]) => [name, SAMPLES[type]]));
    const { subject, summary, html, text } = compiled.render(facts, { open: (sealed) => sealed });
    for (const part of [subject, summary, html, text]) {
      expect(part).not.toBe('');
      expect(part).not.toMatch(/\{\{|\{%|undefined|\[object/);
    }
    if ('link' in variables) expect(text).toContain('https://cinema.example/y');
  });
});

describe('a value', () => {
  const evil = '<img src=x onerror=alert(1)> {{ link }} **bold** [x](javascript:alert(1))';

  it('is escaped in HTML, plain in text, and never read as a template or Markdown', () => {
    const { html, text } = template('Dear {{ name }}').render({ name: evil, link: 'https://secret.example' });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<strong>');
    expect(html).not.toContain('secret.example');
    expect(html).toContain('{{ link }}');
    expect(text).toContain(evil);
  });

  it('cannot turn the reading direction of what stands behind it', () => {
    const { subject, html, text } = template('Dear {{ name }}').render({ name: 'a\u202egpj.exe\u2067\u200fb' });
    expect(subject).toBe('Hello agpj.exe\u200fb');
    for (const part of [html, text]) expect(part).toContain('Dear agpj.exe\u200fb');
  });

  it('cannot add a line to the subject', () => {
    const { subject } = template('x').render({ name: 'a\r\nBcc: evil@example.com' });
    expect(subject).toBe('Hello a Bcc: evil@example.com');
  });

  it('of a sealed link stays out of the inbox', () => {
    const compiled = template('{{ secret }}', { secret: 'sealedLink' });
    expect(compiled.render({ secret: 'sealed' }).summary).toBe('');
  });
});

describe('a body', () => {
  it.each([
    '<script>alert(1)</script>',
    '<svg onload=alert(1)>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<style>@import "//evil.example/x.css";</style>',
    '<math><mtext></p><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<iframe src="//evil.example"></iframe>',
  ])('with %s shows it as text', (attack) => {
    const { html } = template(attack).render({});
    const tags = (text: string) => text.match(/<(script|svg|img|iframe|style|math|noscript)/gi);
    expect(tags(html)).toEqual(tags(template('harmless').render({}).html));
    expect(html).toContain('&lt;');
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example',
    '&#106;avascript:x',
  ])('makes no link to %s', (url) => {
    const { html } = template(`[x](${url})`).render({});
    expect(html).not.toContain('<a ');
  });

  it.each([
    '[x]({{ "javascript:alert(1)" }})',
    '[x](<{{ "javascript:alert(1)" }}>)',
    '[x]({% if name %}javascript:alert(1){% endif %})',
    '[x]({{ nothing | default: "javascript:alert(1)" }})',
    '[x]({{ nothing }}javascript:alert(1))',
    '[x]({{ link }}javascript:alert(1))',
    '[x]({{ name }})',
  ])('makes no link of %s, whatever the values are', (body) => {
    const values: Facts[] = [{ name: 'javascript:alert(1)' }, { name: 'a', link: 'https://cinema.example' }];
    for (const facts of values) {
      expect(template(body).render(facts).html).not.toContain('<a ');
    }
  });

  it('may add a query to a link that is a variable', () => {
    const { html } = template('[Go]({{ link }}?from=mail)').render({ link: 'https://cinema.example/x' });
    expect(html).toContain('href="https://cinema.example/x?from=mail"');
  });

  it('leads to a variable that is a link, and tells it in the text part', () => {
    const { html, text } = template('[Go]({{ link }})').render({ link: 'https://cinema.example/?a=1&b=2' });
    expect(html).toContain('href="https://cinema.example/?a=1&amp;b=2"');
    expect(text).toContain('Go: https://cinema.example/?a=1&b=2');
  });

  it.each([
    '{{ constructor.constructor("return process")() }}',
    '{{ __proto__.polluted }}',
    '{{ name.constructor }}',
    '{{ process.env.PATH }}',
  ])('finds nothing behind %s', (attack) => {
    let html = '';
    try {
      html = template(attack).render({ name: 'x' }).html;
    } catch {
      // Refused when it was parsed: just as good.
    }
    expect(html).not.toMatch(/native code|function|\/bin/);
  });

  it.each(['<%= 1 + 1 %>', '${1 + 1}', '#{1 + 1}'])('shows the foreign template %s as it is', (foreign) => {
    expect(template(foreign).render({}).text).toContain(foreign);
  });

  it.each([
    '{% include "x" %}',
    '{% render "x" %}',
    '{% for i in (1..9) %}{% endfor %}',
    '{% assign a = 1 %}',
    '{{ name | date }}',
    '{{ name',
  ])('with %s is not a template of the allowed language', (source) => {
    expect(() => template(source).render({})).toThrow();
  });
});

describe('languages', () => {
  it('fall back from the region to the language to English', () => {
    expect(['ru-RU', 'ru_ru', 'ru', 'en-GB', 'de', '', undefined].map(localeFor)).toEqual([
      'ru',
      'ru',
      'ru',
      'en',
      'en',
      'en',
      'en',
    ]);
  });

  it('write money and time in their own way, exactly', () => {
    expect(formatMoney({ amountMinor: '123456789012345678', currency: 'RUB' }, 'en')).toBe(
      '1,234,567,890,123,456.78 RUB',
    );
    expect(formatMoney({ amountMinor: '5', currency: 'PNT' }, 'ru')).toBe('0,05 PNT');
    expect(formatMoney({ amountMinor: '-1050', currency: 'USD' }, 'en')).toBe('-10.50 USD');
    expect(formatTime('2026-11-23T10:05:00.000Z', 'en')).toBe('November 23, 2026 at 10:05 UTC');
    expect(formatTime('2026-11-23T10:05:00.000Z', 'ru')).toBe('23 ноября 2026 г. в 10:05 UTC');
  });
});
