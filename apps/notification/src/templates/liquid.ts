import { Liquid, type Template } from 'liquidjs';

/** What authors may use; everything else (files, loops, assignments) is unknown to the language. */
const TAGS = new Set(['if', 'unless', 'case']);
const FILTERS = new Set([
  'escape',
  'default',
  'upcase',
  'downcase',
  'capitalize',
  'truncate',
  'strip',
  'plus',
  'minus',
]);

/** Bounds for one template: characters to parse, milliseconds to render, units of memory. */
const LIMITS = { parseLimit: 50_000, renderLimit: 100, memoryLimit: 100_000 };

/** A parsed piece of Liquid. */
export type Parsed = Template[];

/** The text dialect shows values as they are, the HTML dialect escapes every one. */
export class LiquidDialect {
  private readonly engine: Liquid;

  constructor(escape: boolean) {
    this.engine = new Liquid({
      ...LIMITS,
      ownPropertyOnly: true,
      strictFilters: true,
      // Checked against the template's own list when it is published; a mail is never held up by it.
      strictVariables: false,
      lenientIf: true,
      jsTruthy: true,
      ...(escape && { outputEscape: 'escape' as const }),
    });
    for (const name of Object.keys(this.engine.tags)) if (!TAGS.has(name)) delete this.engine.tags[name];
    for (const name of Object.keys(this.engine.filters)) if (!FILTERS.has(name)) delete this.engine.filters[name];
  }

  /** Throws when the source is not a template of the allowed language. */
  parse(source: string): Parsed {
    return this.engine.parse(source);
  }

  /** Top-level names a template reads. */
  variablesOf(parsed: Parsed): string[] {
    return this.engine.globalVariablesSync(parsed);
  }

  /** Names as they are read, with what is read of them: `paid`, `paid.amount`. */
  pathsOf(parsed: Parsed): string[] {
    return this.engine.globalFullVariablesSync(parsed);
  }

  render(parsed: Parsed, values: Record<string, unknown>): string {
    return this.engine.renderSync(parsed, values) as string;
  }
}

/** For subjects, inbox texts and text parts. */
export const textLiquid = new LiquidDialect(false);

/** For HTML parts. */
export const htmlLiquid = new LiquidDialect(true);
