/** A piece of a document and the line it stands on. */
export interface Piece {
  line: number;
  value: string;
}

interface Line extends Piece {
  /** Language of the fenced block this line is in; undefined in prose. */
  fence: string | undefined;
}

function lines(text: string): Line[] {
  let fence: string | undefined;
  const found: Line[] = [];
  for (const [index, value] of text.split('\n').entries()) {
    const [, mark, language] = /^\s*(```|~~~)\s*(\w*)/.exec(value) ?? [];
    if (mark) fence = fence === undefined ? (language ?? '') : undefined;
    else found.push({ line: index + 1, value, fence });
  }
  return found;
}

function all(text: string, pattern: RegExp, among: (line: Line) => boolean): Piece[] {
  return lines(text)
    .filter(among)
    .flatMap(({ line, value }) => [...value.matchAll(pattern)].map((match) => ({ line, value: match[1] ?? '' })));
}

const COMMANDS = new Set(['', 'sh', 'bash', 'shell', 'console']);

/** npm scripts named anywhere: in prose, in code spans and in commands. */
export function npmScripts(text: string): Piece[] {
  return [
    ...all(text, /\bnpm (?:run|run-script) ([\w:-]+)/g, () => true),
    ...all(text, /\bnpm (test|start|stop)\b/g, () => true),
  ];
}

/** Inline code of the prose, and the lines of fenced shell commands. */
export function codeSpans(text: string): Piece[] {
  return [
    ...all(text, /`([^`]+)`/g, ({ fence }) => fence === undefined),
    ...all(text, /^(.+)$/g, ({ fence }) => fence !== undefined && COMMANDS.has(fence)),
  ];
}

/** Targets of links and images in the prose, inline or by reference. */
export function links(text: string): Piece[] {
  const prose = ({ fence }: Line): boolean => fence === undefined;
  return [
    ...all(text.replaceAll(/`[^`\n]*`/g, '``'), /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g, prose),
    ...all(text, /^\s*\[[^\]]+\]:\s+(\S+)/g, prose),
  ];
}

/** The anchors a document offers: its headings in the form that GitHub gives them. */
export function headings(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const { value } of all(text, /^#{1,6}\s+(.+?)\s*#*$/g, ({ fence }) => fence === undefined)) {
    const slug = value
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}
