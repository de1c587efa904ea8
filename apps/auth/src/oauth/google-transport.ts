/** How the oauth package calls back: an error, or the body. */
type Done = (error: Error | { statusCode: number; data: string } | null, body?: string) => void;

/** A sign-in asks twice, for a token and for who it is, and takes five seconds at most. */
const TIMEOUT_MS = 2_500;
const MAX_BYTES = 64 * 1024;

/**
 * Stands in for the oauth package's own request, which knows no timeout, follows what it likes and reads without end:
 * two and a half seconds, no redirect, 64 KiB, and a success that is a JSON object: the package reads fields of whatever JSON comes, and
 * what it throws at `null` nobody would catch.
 */
export function boundedRequest(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
  _accessToken: string | null,
  done: Done,
): void {
  exchange(method, url, headers, body).then(
    ({ status, text }) => (status === 200 ? done(null, text) : done({ statusCode: status, data: text })),
    (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
  );
}

async function exchange(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(method === 'POST' ? { body } : {}),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  const text = Buffer.concat(chunks).toString();
  if (response.status === 200 && !isJsonObject(text))
    throw new Error(`${url} answered with something else than a JSON object`);
  return { status: response.status, text };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
