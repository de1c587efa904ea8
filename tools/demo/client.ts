/** What a client knows about the running product. */
export interface Endpoints {
  auth: string;
  billing: string;
  notification: string;
  mailbox: string;
}

/** A step's answer was not what it should be. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** Throws StepFailed with the sentence when the condition does not hold. */
export function must(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new StepFailed(otherwise);
}

/** What to send, and which status must come back. */
export interface Call {
  method?: string;
  token?: string;
  body?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  status?: number;
  redirect?: 'follow' | 'manual';
}

/** How long a call keeps trying while a service is down or says 503; milliseconds. */
const PATIENCE_MS = 60_000;
const CALL_TIMEOUT_MS = 15_000;

/** Calls the product; a service that is restarting is called again, any other unexpected status fails the step. */
export async function call(url: string, options: Call = {}): Promise<Response> {
  const { status = 200 } = options;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const response = await attempt(url, options);
    if (response instanceof Response && response.status === status) return response;
    const down = !(response instanceof Response) || response.status === 503 || response.status === 502;
    if (!down || Date.now() > deadline) {
      const told = response instanceof Response ? `${response.status} ${await response.text()}` : String(response);
      throw new StepFailed(`${options.method ?? 'GET'} ${url} should answer ${status}, but: ${told.slice(0, 600)}`);
    }
    await pause(250);
  }
}

async function attempt(url: string, options: Call): Promise<Response | Error> {
  const { method = 'GET', token, body, form, headers = {}, redirect = 'follow' } = options;
  try {
    return await fetch(url, {
      method,
      redirect,
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(form && { body: new URLSearchParams(form) }),
    });
  } catch (error) {
    return error as Error;
  }
}

/** The same, with the answer read as JSON. */
export async function callJson<T>(url: string, options: Call = {}): Promise<T> {
  return (await (await call(url, options)).json()) as T;
}

/** Asks again until there is an answer; fails with the sentence after `withinMs`. For effects that arrive by themselves. */
export async function eventually<T>(
  otherwise: string,
  ask: () => Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new StepFailed(`${otherwise} (waited ${withinMs / 1000} s)`);
    await pause(200);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The first form of a page: where it goes and the fields it already holds. */
export function formOf(page: string, pageUrl: string): { action: string; fields: Record<string, string> } {
  const form = /<form\b([^>]*)>([^]*?)<\/form>/i.exec(page);
  must(form, `there should be a form on ${pageUrl}`);
  const attribute = (tag: string, name: string) =>
    new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1]?.replaceAll('&amp;', '&');
  const inputs = [...form[2]!.matchAll(/<input\b[^>]*>/gi)].map(([tag]) => [
    attribute(tag, 'name'),
    attribute(tag, 'value'),
  ]);
  const fields = Object.fromEntries(inputs.filter(([name]) => name).map(([name, value]) => [name, value ?? '']));
  return { action: new URL(attribute(form[1]!, 'action') ?? pageUrl, pageUrl).toString(), fields };
}
