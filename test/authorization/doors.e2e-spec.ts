import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../../tools/local/test-stack.ts';
import { type Door, DOORS, ENDS_ITS_SESSION, HANDED_OUT, type Service } from './doors.js';
import {
  answeredFields,
  bodyFieldsOf,
  fieldsOf,
  filled,
  type OpenApi,
  type Operation,
  operationsOf,
  schemaOf,
} from './open-api.js';
import { everybody, newUser, type Passes, PEOPLE, type Person, strangeId } from './people.js';

/** Who is let in, and how the others are told. */
const LET_IN: Record<Door, readonly Person[]> = {
  everybody: PEOPLE,
  'the signed in': ['user', 'admin', 'superuser'],
  administrators: ['admin', 'superuser'],
  superusers: ['superuser'],
};
const SIGNED_IN = LET_IN['the signed in'];

/** What nobody is asked for, and a service that copies whatever comes would take. */
const WISHES = {
  role: 'super_user',
  roles: ['super_user'],
  isAdmin: true,
  balance: '1000000.00',
  userId: strangeId(),
  emailVerified: true,
  price: '0.01',
  currencyRate: '1',
  status: 'settled',
};
/** What a field that holds a secret would be called. */
const LIKE_A_SECRET = /pass(word|phrase)|hash|secret|token$|recovery|sealed|private/i;
/** Ids of another form than most have; elsewhere any UUID comes as far as the body. */
const IDS = { '/admin/rates/fetches/': '1', '/admin/templates/': 'verify-email' };
/** Parts of paths that have to be right for the next part to be looked at, and are no UUIDs. */
const PARTS: Record<string, string> = { '{key}': 'verify-email' };
const NO_DAY = '2026-02-30T00:00:00.000000Z';
const NO_ID = '-'.repeat(36);
/** What a database or a parser may stumble over, for any parameter, as it stands in a query. */
const HOSTILE = [
  '%00',
  '%FF',
  '%27--',
  '-1',
  '9'.repeat(20),
  '1e400',
  NO_DAY,
  '2026-02-30',
  '0000-01-01',
  '9999-12-31',
  NO_ID,
  'x'.repeat(400),
  ...[
    // The cursors of the services' lists: wrong in the date, in the id, in both.
    `${NO_DAY}|${strangeId()}`,
    `2026-02-28T00:00:00.000000Z|${NO_ID}`,
    `0000-01-01T00:00:00.000000Z|${strangeId()}`,
    `9999-12-31T23:59:59.999999Z|${strangeId()}`,
    `999999999999999.${NO_ID}`,
    `999999999999999.${strangeId()}`,
    `999999999999999.${NO_ID}.999999999999999`,
    `${NO_DAY} ${NO_ID}`,
    NO_ID,
    '9'.repeat(20),
    '9999999',
    '\0',
  ].map((text) => Buffer.from(text).toString('base64url')),
];
/** What goes with a wrong value where it is required. */
const SOUND: Record<string, string> = {
  from: '2026-01-01',
  to: '2026-02-01',
  format: 'csv',
  userId: strangeId(),
  search: '',
};
const TOO_LARGE = JSON.stringify({ filler: 'x'.repeat(300 * 1024) });

const TOO_DEEP = `{"reason":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;

/** A request that makes no sense. */
interface Nonsense {
  id?: string;
  query?: string;
  body?: string;
}

interface Answer {
  status: number;
  text: string;
}

describe.each(Object.keys(DOORS) as Service[])('the operations of %s', (service) => {
  let stack: TestStack;
  let passes: Passes;
  let document: OpenApi;
  let operations: Map<string, Operation>;

  beforeAll(async () => {
    stack = await shared();
    passes = await people;
    document = (await (await fetch(`${stack.url[service]}/docs-json`)).json()) as OpenApi;
    operations = operationsOf(document);
  });

  /** Asks for nothing in particular: what matters is whether the door opens. */
  async function knock(operation: string, token: string | undefined): Promise<number> {
    const [method, path] = operation.split(' ') as [string, string];
    const response = await fetch(`${stack.url[service]}${path.replaceAll(/\{\w+\}/g, strangeId)}`, {
      method,
      redirect: 'manual',
      headers: { ...(token && { authorization: `Bearer ${token}` }) },
    });
    await response.body?.cancel();
    return response.status;
  }

  it('are those that were thought about, no more and no fewer', () => {
    expect([...operations.keys()].toSorted()).toEqual(Object.keys(DOORS[service]).toSorted());
  });

  it('are documented: each with a sentence, under a name of its own, those for administrators last', () => {
    const all = [...operations];
    expect(all.filter(([, { summary }]) => !summary).map(([name]) => name)).toEqual([]);
    const names = all.map(([, { operationId }]) => operationId);
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
    for (const [name, { tags }] of all)
      expect([name, tags]).toEqual([
        name,
        [expect.stringMatching(name.includes(' /admin/') ? /^admin: / : /^(?!admin)/)],
      ]);
    const shown = document.tags.map(({ name }) => name.startsWith('admin'));
    expect(shown).toEqual(shown.toSorted((a, b) => Number(a) - Number(b)));
  });

  it('ask for nothing that has a value of its own', () => {
    const parameters = [...operations].flatMap(([name, { parameters = [] }]) =>
      parameters.map((each) => ({ name: `${name} ${each.name}`, ...each.schema, required: each.required === true })),
    );
    const fields = [...operations].flatMap(([name, { requestBody }]) =>
      bodyFieldsOf(document, requestBody).map((each) => ({ ...each, name: `${name} ${each.name}` })),
    );
    const withDefault = [...parameters, ...fields].filter((each) => each.default !== undefined);
    expect(withDefault.filter(({ name }) => name.endsWith(' limit'))).not.toEqual([]);
    expect(withDefault.filter(({ required }) => required).map(({ name }) => name)).toEqual([]);
  });

  /** Sends a request as a superuser, whom every door lets in. */
  async function send(operation: string, { id = strangeId(), query = '', body }: Nonsense): Promise<Answer> {
    const [method, path] = operation.split(' ') as [string, string];
    const response = await fetch(`${stack.url[service]}${path.replaceAll(/\{\w+\}/g, id)}?${query}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${passes.superuser}`,
        origin: stack.url[service],
        ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': strangeId() }),
      },
      ...(body !== undefined && { body }),
    });
    if (!response.ok) return { status: response.status, text: await response.text() };
    // A stream of events would not end.
    await response.body?.cancel();
    return { status: response.status, text: '' };
  }

  /** Sends each operation what `nonsense` makes of it; gives those that were not answered with 4xx. */
  async function notRefused(nonsense: (name: string, operation: Operation) => Nonsense | undefined): Promise<string[]> {
    const answers = await Promise.all(
      [...operations].map(async ([name, operation]) => {
        const request = nonsense(name, operation);
        const { status } = request ? await send(name, request) : { status: 400 };
        return status >= 400 && status < 500 ? [] : [`${name}: ${status}`];
      }),
    );
    return answers.flat();
  }

  const idFor = (name: string): Nonsense => {
    const id = Object.entries(IDS).find(([kind]) => name.includes(kind))?.[1];
    return id === undefined ? {} : { id };
  };

  const takesBody = (name: string): boolean => !name.startsWith('GET ');

  it('refuse a body that is no JSON, and one that is too large', async () => {
    expect(await notRefused((name) => (takesBody(name) ? { body: '{"amount": ' } : undefined))).toEqual([]);
    expect(await notRefused((name) => (takesBody(name) ? { body: TOO_LARGE } : undefined))).toEqual([]);
  });

  it('refuse ids that cannot be, without stumbling', async () => {
    for (const id of ['%00', '%E2%82%28', '%27%20OR%201=1--', 'x'.repeat(600)]) {
      expect([id, await notRefused((name) => (name.includes('{') ? { id } : undefined))]).toEqual([id, []]);
    }
  });

  it('stumble over no value of any parameter, one wrong one at a time', async () => {
    const stumbled: string[] = [];
    for (const [name, { parameters = [] }] of operations) {
      const asked = parameters.filter((each) => each.in === 'query');
      if (asked.length === 0) continue;
      const sound = asked
        .filter((each) => each.required)
        .map((each): [string, string] => [each.name, SOUND[each.name]!]);
      const ask = (query: string): Promise<Answer> => send(name, { ...idFor(name), query });
      expect([name, (await ask(String(new URLSearchParams(sound)))).status]).not.toEqual([name, 422]);
      for (const { name: wrong } of asked) {
        const others = new URLSearchParams(sound.filter(([other]) => other !== wrong));
        await Promise.all(
          HOSTILE.map(async (value) => {
            const { status } = await ask(`${wrong}=${value}&${others.toString()}`);
            if (status >= 500) stumbled.push(`${name} ${wrong}=${value}: ${status}`);
          }),
        );
      }
    }
    expect(stumbled).toEqual([]);
  });

  it('stumble over no part of a path, one wrong one at a time', async () => {
    const stumbled: string[] = [];
    for (const name of operations.keys()) {
      for (const wrong of name.match(/\{\w+\}/g) ?? []) {
        const operation = name.replaceAll(/\{\w+\}/g, (part) => (part === wrong ? part : (PARTS[part] ?? strangeId())));
        await Promise.all(
          HOSTILE.map(async (id) => {
            const { status } = await send(operation, { id });
            if (status >= 500) stumbled.push(`${name} ${wrong}=${id}: ${status}`);
          }),
        );
      }
    }
    expect(stumbled).toEqual([]);
  });

  it('refuse fields that nobody asked for, naming each', async () => {
    for (const [name, { requestBody }] of operations) {
      const schema = schemaOf(requestBody?.content);
      if (!schema) continue;
      const asked = fieldsOf(document, schema);
      const wishes = Object.fromEntries(Object.entries(WISHES).filter(([field]) => !asked.includes(field)));
      const { status, text } = await send(name, { ...idFor(name), body: JSON.stringify(wishes) });
      expect([name, status]).toEqual([name, 422]);
      for (const field of Object.keys(wishes)) expect([name, text]).toEqual([name, expect.stringContaining(field)]);
    }
  });

  it('refuse texts that no store takes, in every field of a body', async () => {
    for (const text of ['why\0not', 'why\ud800not']) {
      for (const [name, { requestBody }] of operations) {
        const schema = schemaOf(requestBody?.content);
        const body = JSON.stringify(schema && filled(document, schema, text));
        if (!body?.includes('why')) continue;
        const answer = await send(name, { body });
        expect([name, answer]).toEqual([name, { status: 422, text: expect.stringContaining('must be Unicode text') }]);
      }
    }
  });

  it('refuse a body that is nested too deeply', async () => {
    expect(await notRefused((name) => (takesBody(name) ? { body: TOO_DEEP } : undefined))).toEqual([]);
  });

  it('answer with no password, hash, secret or token but those that were asked for', () => {
    const secrets = [...operations].flatMap(([name, operation]) =>
      answeredFields(document, operation)
        .filter((field) => LIKE_A_SECRET.test(field))
        .map((field) => `${name} ${field}`),
    );
    expect(secrets.toSorted()).toEqual(HANDED_OUT[service].toSorted());
  });

  it.each(Object.entries(DOORS[service]))('%s opens to %s alone', async (operation, door) => {
    const welcome = LET_IN[door];
    const refused = PEOPLE.filter((person) => !welcome.includes(person));
    for (const person of refused) {
      const expected = SIGNED_IN.includes(person) ? 403 : 401;
      expect([person, await knock(operation, passes[person])]).toEqual([person, expected]);
    }
    if (ENDS_ITS_SESSION.includes(operation)) {
      expect([401, 403]).not.toContain(await knock(operation, (await newUser(stack)).tokens.accessToken));
      return;
    }
    const statuses = new Set<number>();
    for (const person of welcome) statuses.add(await knock(operation, passes[person]));
    for (const status of statuses) expect(status).toBeLessThan(500);
    // A public operation does not look at who asks; one that does lets all of them in.
    if (door === 'everybody') expect([...statuses]).toHaveLength(1);
    else expect([...statuses].filter((status) => status === 401 || status === 403)).toEqual([]);
  });
});

let starting: Promise<TestStack> | undefined;
let people: Promise<Passes>;

function shared(): Promise<TestStack> {
  starting ??= startTestStack({ seed: true }).then((stack) => {
    people = everybody(stack);
    return stack;
  });
  return starting;
}

afterAll(async () => (await starting)?.stop());
