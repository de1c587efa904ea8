import { createHash } from 'node:crypto';
import { Client } from 'pg';

type Query = (...args: unknown[]) => unknown;

/**
 * A client whose connection may be ended by the server at any moment. On its way from the pool to who asked for it nobody listens for its
 * errors, and a server that shuts down accepts a connection and ends it in one breath: that must not be the end of the service.
 * Its queries fail all the same. Those asked for at once, by handlers that share a transaction, go one after the other: the driver's
 * own queue ends with pg 9.
 */
export class ServiceClient extends Client {
  private last: Promise<unknown> = Promise.resolve();

  constructor(...args: ConstructorParameters<typeof Client>) {
    super(...args);
    this.on('error', () => undefined);
    const query = this.query.bind(this) as Query;
    this.query = ((...given: unknown[]) => {
      if (!givesPromise(given)) return query(...given);
      const answer = this.last.then(() => query(...given));
      this.last = answer.catch(() => undefined);
      return answer;
    }) as Client['query'];
  }
}

/** A query with a callback, or one that is a stream or a cursor, is answered otherwise. */
function givesPromise([text, ...rest]: unknown[]): boolean {
  const isObject = typeof text === 'object' && text !== null;
  return !(isObject && 'submit' in text) && !rest.some((one) => typeof one === 'function');
}

const names = new Map<string, string>();

function nameOf(statement: string): string {
  let name = names.get(statement);
  if (!name) names.set(statement, (name = createHash('sha256').update(statement).digest('base64url')));
  return name;
}

/**
 * Sends every statement that has values as a prepared one: the server parses it once per connection and plans it a few times, not at
 * every call. For apps whose statements are few: their texts are kept as long as the connection.
 */
export class PreparingClient extends ServiceClient {
  constructor(...args: ConstructorParameters<typeof Client>) {
    super(...args);
    const query = this.query.bind(this) as Query;
    this.query = ((text: unknown, values: unknown, ...rest: unknown[]) =>
      typeof text === 'string' && Array.isArray(values) && values.length > 0
        ? query({ name: nameOf(text), text }, values, ...rest)
        : query(text, values, ...rest)) as Client['query'];
  }
}
