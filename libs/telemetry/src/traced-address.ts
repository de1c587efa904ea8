/** Longer than any id: what is longer in a path is the token of a link. */
const LONGEST_ID = 40;

/**
 * What a trace keeps of a request's address: no query, which may hold tokens of links, codes of Google or addresses of people, and a path
 * without tokens. Whoever reads traces could use them.
 */
export function tracedAddress(url: string): { 'url.path': string; 'url.query': undefined } {
  const [path = ''] = url.split('?', 1);
  const segments = path.split('/').map((segment) => (segment.length > LONGEST_ID ? 'REDACTED' : segment));
  return { 'url.path': segments.join('/'), 'url.query': undefined };
}
