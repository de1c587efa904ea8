import { randomBytes } from 'node:crypto';
import MarkdownIt from 'markdown-it';

/** No HTML passes, and links lead to the web or a mailbox only. */
const markdown = new MarkdownIt('default', { html: false, linkify: false, typographer: false, breaks: true });
markdown.disable(['table', 'code', 'fence', 'html_block', 'html_inline', 'reference', 'image']);
const SCHEMES = /^(https?:|mailto:)/i;
/** A variable by itself, without a filter. */
const VARIABLE = /^\{\{-?\s*(\w+)\s*-?\}\}$/;
const LIQUID = /\{\{[^]*?\}\}|\{%[^]*?%\}/g;

type Token = ReturnType<typeof markdown.parse>[number];

/** A body's HTML and text, with its Liquid still in place. */
export interface RenderedBody {
  html: string;
  text: string;
}

/**
 * Turns a body of Markdown and Liquid into HTML and text that still hold the Liquid. Liquid is set aside meanwhile,
 * so that neither its quotes are escaped nor its values read as Markdown. A link leads to a plain address, or to one of the
 * variables in `links`: any other Liquid could write `javascript:` where an address begins.
 */
export function renderBody(body: string, links: readonly string[]): RenderedBody {
  const pieces: string[] = [];
  const mark = `liquid${randomBytes(6).toString('hex')}`;
  const marked = body.replace(LIQUID, (piece) => `${mark}n${pieces.push(piece) - 1}e`);
  const restore = (text: string): string =>
    text.replace(new RegExp(`${mark}n(\\d+)e`, 'g'), (_, index: string) => pieces[Number(index)]!);
  const leadsToVariable = (url: string): boolean => {
    const [, index] = new RegExp(`^${mark}n(\\d+)e(?:[?#]|$)`).exec(url) ?? [];
    const [, name] = VARIABLE.exec(pieces[Number(index)] ?? '') ?? [];
    return name !== undefined && links.includes(name);
  };
  markdown.validateLink = (url) => SCHEMES.test(url.trim()) || leadsToVariable(url);
  const tokens = markdown.parse(marked, {});
  return { html: restore(htmlOf(tokens)), text: restore(textOf(tokens)) };
}

const LINK_STYLE = 'color:#5b3df5';
const BUTTON_STYLE =
  'display:inline-block;padding:12px 24px;border-radius:8px;background:#5b3df5;color:#ffffff;font-weight:600;text-decoration:none';

function htmlOf(tokens: Token[]): string {
  tokens.forEach((token, index) => {
    const inline = tokens[index + 1];
    const isButton = token.type === 'paragraph_open' && inline !== undefined && isLoneLink(inline);
    for (const child of inline?.children ?? []) {
      if (token.type.endsWith('_open') && child.type === 'link_open')
        child.attrSet('style', isButton ? BUTTON_STYLE : LINK_STYLE);
    }
  });
  return markdown.renderer.render(tokens, markdown.options, {});
}

function isLoneLink({ children }: Token): boolean {
  const kinds = (children ?? []).map(({ type }) => type);
  return (
    kinds[0] === 'link_open' &&
    kinds.at(-1) === 'link_close' &&
    kinds.filter((kind) => kind === 'link_open').length === 1
  );
}

function textOf(tokens: Token[]): string {
  let text = '';
  for (const token of tokens) {
    if (token.type === 'inline') text += inlineText(token.children ?? []);
    else if (token.type === 'list_item_open') text += '- ';
    else if (token.type === 'hr') text += '----\n\n';
    else if (/^(paragraph|heading)_close$/.test(token.type)) text += token.hidden ? '\n' : '\n\n';
    else if (/_list_close$/.test(token.type)) text += '\n';
  }
  return text.trim();
}

function inlineText(tokens: Token[]): string {
  let text = '';
  let label = '';
  let href = '';
  for (const token of tokens) {
    if (token.type === 'link_open') {
      href = String(token.attrGet('href') ?? '');
      label = text;
      text = '';
    } else if (token.type === 'link_close') {
      text = text === href ? label + href : `${label}${text}: ${href}`;
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') text += '\n';
    else text += token.content;
  }
  return text;
}
