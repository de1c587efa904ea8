import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInAdministrator } from '../../tools/demo/administrator.ts';
import { callJson } from '../../tools/demo/client.ts';
import { newJourney, steps } from '../../tools/demo/journey.ts';
import type { List } from '../../tools/demo/shapes.ts';
import { startTestStack, type TestStack } from '../../tools/local/test-stack.ts';
import { DOORS, type Service } from './doors.js';
import { type OpenApi, operationFor, operationsOf, schemaOf, undocumented } from './open-api.js';
import { newUser, strangeId } from './people.js';

/** As much of a subscription as names it. */
interface Subscription {
  id: string;
  periods: { id: string; planId: string }[];
}

/** A request that its sender was given an answer to. */
interface Recorded {
  method: string;
  url: string;
  body: string | undefined;
  idempotencyKey: string | undefined;
}

const SERVICES = ['auth', 'billing', 'notification'] as const satisfies Service[];
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const idsIn = ({ url, body }: Recorded): string[] => `${url} ${body ?? ''}`.match(UUID) ?? [];

describe("a user's requests, sent again by another user", () => {
  let stack: TestStack;
  let owner: string;
  let stranger: string;
  const recorded = new Map<string, Recorded>();
  const names = new Set<string>();
  /** Everything that was answered with JSON on the way, to whomever. */
  const answers: { method: string; url: string; status: number; body: unknown }[] = [];

  /** Remembers what was asked with the token and answered with success. */
  function recording(token: () => string): () => void {
    const { fetch } = globalThis;
    globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (response.ok && response.headers.get('content-type')?.startsWith('application/json')) {
        const { method = 'GET' } = init ?? {};
        answers.push({ method, url: response.url, status: response.status, body: await response.clone().json() });
      }
      const headers = new Headers(init?.headers);
      if (response.ok && headers.get('authorization') === `Bearer ${token()}`) {
        const request = {
          method: init?.method ?? 'GET',
          url: input instanceof Request ? input.url : input.toString(),
          body: typeof init?.body === 'string' ? init.body : undefined,
          idempotencyKey: headers.get('idempotency-key') ?? undefined,
        };
        recorded.set(`${request.method} ${request.url} ${request.body}`, request);
      }
      return response;
    };
    return () => void (globalThis.fetch = fetch);
  }

  const send = async ({ method, url, body, idempotencyKey }: Recorded, token: string) => {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { status: response.status, code: (/"code":"([^"]+)"/.exec(text) ?? [])[1], text };
  };

  /** Everything the owner can see of their own. */
  async function belongings(): Promise<string> {
    const of = stack.url;
    const paths = [`${of.auth}/users/me`, `${of.auth}/users/me/sessions`, `${of.billing}/accounts`];
    paths.push(`${of.billing}/transactions`, `${of.billing}/subscriptions/me`, `${of.billing}/entitlements/me`);
    paths.push(`${of.notification}/notifications`, `${of.notification}/preferences`);
    const seen = await Promise.all(paths.map((path) => callJson<unknown>(path, { token: owner })));
    return JSON.stringify(seen, (key, value: unknown) => (/^(lastUsedAt|lastSeenAt)$/.test(key) ? undefined : value));
  }

  beforeAll(async () => {
    stack = await startTestStack({ seed: true });
    const journey = newJourney(stack.url, stack.superuser);
    const stop = recording(() => journey.token);
    try {
      for (const step of steps) await step.run(journey);
      owner = journey.token;
      await lookAtEverything();
      await readAsSuperuser();
    } finally {
      stop();
    }
    stranger = (await newUser(stack)).tokens.accessToken;
    await callJson(`${stack.url.billing}/profiles`, { method: 'POST', token: stranger, body: {}, status: 201 });
    for (const request of recorded.values()) for (const id of idsIn(request)) names.add(id);
    // Plans are everybody's.
    const plans = await callJson<List<{ id: string }>>(`${stack.url.billing}/plans`);
    for (const { id } of plans.items) names.delete(id);
  });
  afterAll(() => stack?.stop());

  /** What the journey does not do with ids. */
  async function lookAtEverything(): Promise<void> {
    const { auth, billing, notification } = stack.url;
    const get = <T>(url: string): Promise<T> => callJson<T>(url, { token: owner });
    const first = async (url: string): Promise<string> => (await get<List<{ id: string }>>(url)).items[0]!.id;
    await get(`${billing}/transactions/${await first(`${billing}/transactions`)}`);
    const message = await first(`${notification}/notifications`);
    for (const what of ['read', 'archive', 'unarchive']) {
      const response = await fetch(`${notification}/notifications/${message}/${what}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${owner}` },
      });
      expect(response.status).toBe(204);
    }
    await get(`${auth}/users/me/sessions`);
    for (const { url } of recorded.values()) {
      const made = /\/(quotes|accounts)$/.exec(url);
      if (made) await get(`${url}/${await madeId(made[1]!)}`);
    }
  }

  /** What the owner does not ask for: it would end what everything else is about. */
  async function thatEndThings(): Promise<Recorded[]> {
    const { auth, billing } = stack.url;
    const items = async <T>(url: string): Promise<T> => (await callJson<List<T>>(url, { token: owner })).items[0]!;
    const session = await items<{ id: string }>(`${auth}/users/me/sessions`);
    const account = await items<{ id: string }>(`${billing}/accounts`);
    const { id, periods } = await items<Subscription>(`${billing}/subscriptions/me`);
    const choice = JSON.stringify({ planId: periods[0]!.planId, currency: 'RUB' });
    const requests: [string, string, string?][] = [
      ['DELETE', `${auth}/users/me/sessions/${session.id}`],
      ['DELETE', `${billing}/accounts/${account.id}`],
      ['PUT', `${billing}/subscriptions/${id}/renewal`, choice],
      ['POST', `${billing}/subscriptions/${id}/cancel`, '{}'],
      ['POST', `${billing}/subscriptions/periods/${periods[0]!.id}/refund`, '{}'],
    ];
    return requests.map(([method, url, body]) => ({ method, url, body, idempotencyKey: randomUUID() }));
  }

  /** Every reading operation where personal data lies, about the owner wherever a user is asked for, else about what stands first in a list. */
  async function readAsSuperuser(): Promise<void> {
    const token = (await signInAdministrator(stack.url.auth, stack.superuser)).accessToken;
    const { id: userId } = await callJson<{ id: string }>(`${stack.url.auth}/users/me`, { token: owner });
    for (const service of SERVICES) {
      const get = async (path: string): Promise<{ items?: { id: string }[] }> => {
        const response = await fetch(stack.url[service] + path, { headers: { authorization: `Bearer ${token}` } });
        if (response.ok && response.headers.get('content-type')?.startsWith('application/json')) {
          return (await response.json()) as { items?: { id: string }[] };
        }
        // A stream of events would not end.
        await response.body?.cancel();
        return {};
      };
      for (const name of operationsOf(await documentOf(service)).keys()) {
        if (!name.startsWith('GET ')) continue;
        const [list, kind] = /^GET (.*)\/\{(\w+)\}/.exec(name)?.slice(1) ?? [];
        const aboutUser = kind === 'userId' || list === '/admin/users';
        const id = aboutUser ? userId : list && (await get(list)).items?.[0]?.id;
        await get(name.slice(4).replace(/\{\w+\}/, id ?? strangeId()));
      }
    }
  }

  const documentOf = async (service: Service): Promise<OpenApi> =>
    (await (await fetch(`${stack.url[service]}/docs-json`)).json()) as OpenApi;

  async function madeId(kind: string): Promise<string> {
    if (kind === 'accounts') {
      return (await callJson<List<{ id: string }>>(`${stack.url.billing}/accounts`, { token: owner })).items[0]!.id;
    }
    const { body } = [...recorded.values()].find(({ url }) => url.endsWith('/top-ups'))!;
    return (JSON.parse(body!) as { quoteId: string }).quoteId;
  }

  it('with ids in them are answered like requests for what does not exist, and change nothing', async () => {
    const before = await belongings();
    const withIds = [...recorded.values(), ...(await thatEndThings())].filter(
      (request) => idsIn(request).length > 0 && !request.url.endsWith('/subscriptions/checkout'),
    );
    const kinds = new Set(
      withIds.map(({ method, url }) => `${method} ${new URL(url).pathname.replaceAll(UUID, '{id}')}`),
    );
    const ofUsers = SERVICES.flatMap((service) =>
      Object.entries(DOORS[service]).filter(([name, door]) => name.includes('{id}') && door === 'the signed in'),
    );
    expect([...kinds]).toEqual(expect.arrayContaining([...ofUsers.map(([name]) => name), 'POST /top-ups']));
    for (const request of withIds) {
      const elsewhere = {
        ...request,
        url: request.url.replaceAll(UUID, strangeId()),
        body: request.body?.replaceAll(UUID, strangeId()),
      };
      const [theirs, nobodys] = [await send(request, stranger), await send(elsewhere, stranger)];
      const asked = `${request.method} ${request.url}`;
      expect([asked, theirs.status]).toEqual([asked, 404]);
      expect([asked, theirs.status, theirs.code]).toEqual([asked, nobodys.status, nobodys.code]);
    }
    expect(await belongings()).toBe(before);
  });

  it('and everybody else was answered with documented fields alone', async () => {
    const seen = new Set<string>();
    const leaks = new Set<string>();
    for (const service of SERVICES) {
      const document = await documentOf(service);
      for (const { method, url, status, body } of answers.filter(({ url }) => url.startsWith(stack.url[service]))) {
        const { pathname } = new URL(url);
        const operation = operationFor(document, method, pathname);
        if (!operation) continue;
        seen.add(`${method} ${pathname.replaceAll(UUID, ':id')}`);
        const schema = schemaOf(operation.responses[status]?.content);
        const extra = schema ? undocumented(document, body, schema) : ['(no schema)'];
        for (const field of extra) leaks.add(`${method} ${pathname.replaceAll(UUID, ':id')} ${field}`);
      }
    }
    expect([...leaks]).toEqual([]);
    process.stdout.write(`answers looked at: ${[...seen].toSorted().join(', ')}\n`);
    expect(seen.size).toBeGreaterThanOrEqual(15);
    const people = ['', '/:id', '/:id/sessions', '/:id/login-history'].map((path) => `GET /admin/users${path}`);
    expect([...seen]).toEqual(expect.arrayContaining([...people, 'GET /admin/audit']));
  });

  it('without ids in them tell the stranger nothing of the owner', async () => {
    const plain = [...recorded.values()].filter((request) => request.method === 'GET' && idsIn(request).length === 0);
    expect(plain.length).toBeGreaterThanOrEqual(5);
    for (const request of plain) {
      const { text } = await send(request, stranger);
      for (const id of names) expect(text).not.toContain(id);
    }
  });
});
