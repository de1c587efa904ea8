import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../../tools/local/test-stack.ts';
import { type Door, DOORS, ENDS_ITS_SESSION, type Service } from './doors.js';
import { everybody, newUser, type Passes, PEOPLE, type Person, strangeId } from './people.js';

/** Who is let in, and how the others are told. */
const LET_IN: Record<Door, readonly Person[]> = {
  everybody: PEOPLE,
  'the signed in': ['user', 'admin', 'superuser'],
  administrators: ['admin', 'superuser'],
  superusers: ['superuser'],
};
const SIGNED_IN = LET_IN['the signed in'];

interface Operation {
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
}

/** What somebody may hope a service believes. */
const HOPED_FOR = {
  role: 'super_user',
  isAdmin: true,
  userId: '00000000-0000-4000-8000-000000000001',
  emailVerified: true,
  balance: '1000000.00',
  price: '0.01',
  currencyRate: '1000',
  status: 'paid',
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

describe.each(Object.keys(DOORS) as Service[])('the operations of %s', (service) => {
  let stack: TestStack;
  let passes: Passes;
  let document: OpenApi;
  let operations: string[];

  beforeAll(async () => {
    stack = await shared();
    passes = await people;
    document = (await (await fetch(`${stack.url[service]}/docs-json`)).json()) as OpenApi;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => METHODS.includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
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
    expect(operations.toSorted()).toEqual(Object.keys(DOORS[service]).toSorted());
  });

  /** The fields of an operation's JSON body; undefined when it takes none. */
  function fieldsOf(operation: string): string[] | undefined {
    const [method, path] = operation.split(' ') as [string, string];
    const ref = document.paths[path]![method.toLowerCase()]!.requestBody?.content['application/json']?.schema.$ref;
    return ref === undefined
      ? undefined
      : Object.keys(document.components.schemas[ref.split('/').at(-1)!]!.properties ?? {});
  }

  it('believe no field that they do not ask for', async () => {
    const withBodies = operations.filter((operation) => fieldsOf(operation));
    expect(withBodies.length).toBeGreaterThan(5);
    for (const operation of withBodies) {
      const [method, path] = operation.split(' ') as [string, string];
      const foreign = Object.entries(HOPED_FOR).filter(([name]) => !fieldsOf(operation)!.includes(name));
      const response = await fetch(`${stack.url[service]}${path.replaceAll(/\{\w+\}/g, strangeId)}`, {
        method,
        headers: {
          authorization: `Bearer ${passes[LET_IN[DOORS[service][operation]!].at(-1)!]}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify(Object.fromEntries(foreign)),
      });
      const { errors = [] } = (await response.json()) as { errors?: { field: string }[] };
      const refused = foreign.map(([name]) => name).filter((name) => errors.some(({ field }) => field === name));
      expect([operation, response.status, refused]).toEqual([operation, 422, foreign.map(([name]) => name)]);
    }
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
