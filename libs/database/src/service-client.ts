import { createHash } from 'node:crypto';
import { Client } from 'pg';

/**
 * A client whose connection may be ended by the server at any moment. On its way from the pool to who asked for it nobody listens for its
 * errors, and a server that shuts down accepts a connection and ends it in one breath: that must not be the end of the service.
 * Its queries fail all the same.
 */
export class ServiceClient extends Client {
  constructor(...args: ConstructorParameters<typeof Client>) {
    super(...args);
    this.on('error', () => undefined);
  }
}

const names = new Map<string, string>();

function nameOf(statement: string): string {
  let name = names.get(statement);
  if (!name) names.set(statement, (name = createHash('sha256').update(statement).digest('base64url')));
  return name;
}

type Query = (...args: unknown[]) => unknown;

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
