/** No control characters, no line break of any kind and no turn of the reading direction: a subject becomes a mail header. */
export const ONE_LINE = /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;

const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Whatever a value brings along, it stays one line. */
export function oneLine(text: string): string {
  return withoutTurns(text.replace(BREAKS, ' ')).trim();
}

/** Without embeddings, overrides and isolates (UAX #9): one of them in a value turns round what stands behind it. */
export function withoutTurns(text: string): string {
  return text.replace(TURNS, '');
}
