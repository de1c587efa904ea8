import type { Locale } from '#libs/contracts';
import { type Parsed, htmlLiquid, textLiquid } from './liquid.js';
import { formatMoney, formatTime } from './locale.js';
import { renderBody } from './markdown.js';
import { oneLine, withoutTurns } from './one-line.js';
import { wrapHtml, wrapText } from './shell.js';
import type { Facts, FactType, FactValue, TemplateContent } from './template.js';

/** A message ready for a person. */
export interface RenderedMessage {
  subject: string;
  summary: string;
  html: string;
  text: string;
}

/** What a rendering needs beside the facts. */
export interface RenderOptions {
  /** Where marketing mail can be refused; undefined on all other mail. */
  unsubscribeUrl?: string | undefined;
  /** Opens sealed links; without it (inbox, logs) they stay empty. */
  open?: (sealed: string) => string;
}

const UNSUBSCRIBE = 'unsubscribe_url';
const SUBJECT = 'subject_line';
const MOST_SUBJECT_CHARACTERS = 250;

/** A template of one language, parsed once and filled per person. */
export class CompiledTemplate {
  private readonly subject: Parsed;
  private readonly summary: Parsed;
  private readonly html: Parsed;
  private readonly text: Parsed;

  /** Throws when a part is not a template of the allowed language. */
  constructor(
    content: TemplateContent,
    private readonly locale: Locale,
    private readonly variables: Readonly<Record<string, FactType>>,
  ) {
    const body = renderBody(content.body, [...linksAmong(variables), UNSUBSCRIBE]);
    this.subject = textLiquid.parse(content.subject);
    this.summary = textLiquid.parse(content.summary ?? body.text);
    this.html = htmlLiquid.parse(wrapHtml(body.html, locale));
    this.text = textLiquid.parse(wrapText(body.text, locale));
  }

  /** Names the author uses though nobody fills them in. */
  unknownVariables(): string[] {
    return this.usedVariables().filter((name) => name !== UNSUBSCRIBE && !Object.hasOwn(this.variables, name));
  }

  /** Names the author uses, each once. */
  usedVariables(): string[] {
    const used = [this.subject, this.summary, this.text].flatMap((part) => textLiquid.variablesOf(part));
    return [...new Set(used)];
  }

  /** Names the mail's body shows: what only the subject says is lost on who reads the mail. */
  shownInMail(): string[] {
    return textLiquid.variablesOf(this.text);
  }

  /** Parts of variables the author reads; a variable is one value and has none. */
  partsOfVariables(): string[] {
    const paths = [this.subject, this.summary, this.text].flatMap((part) => textLiquid.pathsOf(part));
    return [...new Set(paths)].filter((path) => /[.[]/.test(path));
  }

  /** Fills in the facts. */
  render(facts: Facts, options: RenderOptions = {}): RenderedMessage {
    const values = { ...this.shown(facts, options), [UNSUBSCRIBE]: options.unsubscribeUrl };
    const subject = oneLine(textLiquid.render(this.subject, values)).slice(0, MOST_SUBJECT_CHARACTERS);
    return {
      subject,
      summary: textLiquid.render(this.summary, values).trim(),
      html: htmlLiquid.render(this.html, { ...values, [SUBJECT]: subject }),
      text: textLiquid.render(this.text, values),
    };
  }

  private shown(facts: Facts, { open }: RenderOptions): Record<string, string | number> {
    const entries = Object.entries(this.variables).map(([name, type]) => [name, this.show(type, facts[name], open)]);
    return Object.fromEntries(entries) as Record<string, string | number>;
  }

  private show(type: FactType, value: FactValue | undefined, open: RenderOptions['open']): string | number {
    if (value === undefined) return '';
    if (typeof value === 'object') return formatMoney(value, this.locale);
    if (type === 'time') return formatTime(String(value), this.locale);
    if (type === 'sealedLink') return open ? open(String(value)) : '';
    return typeof value === 'string' ? withoutTurns(value) : value;
  }
}

/** Variables whose values are made as links, and lead where their maker says. */
function linksAmong(variables: Readonly<Record<string, FactType>>): string[] {
  return Object.keys(variables).filter((name) => variables[name] === 'link' || variables[name] === 'sealedLink');
}
