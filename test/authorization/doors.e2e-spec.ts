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

interface OpenApi {
  paths: Record<string, Record<string, unknown>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

describe.each(Object.keys(DOORS) as Service[])('the operations of %s', (service) => {
  let stack: TestStack;
  let passes: Passes;
  let operations: string[];

  beforeAll(async () => {
    stack = await shared();
    passes = await people;
    const document = (await (await fetch(`${stack.url[service]}/docs-json`)).json()) as OpenApi;
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
