import { EnvError, makeExactValidator } from '#libs/config';
import type { MessageClass } from '../templates/template.js';

/** Classes of single messages; campaigns have channels of their own. */
const CLASSES: readonly MessageClass[] = ['security', 'billing', 'product'];

/** A receiver of messages. */
export interface WebhookEndpoint {
  /** Stands in deliveries: keep it when the address changes. */
  name: string;
  url: string;
  /** Keys of the signature, the newest first; two while one is being replaced. */
  secrets: Buffer[];
  classes: MessageClass[];
}

type Given = Partial<Record<keyof WebhookEndpoint, unknown>>;

/** A JSON list of endpoints. Throws with a sentence that holds no secret. */
export const webhookEndpoints = makeExactValidator<WebhookEndpoint[]>((input) => {
  let given: unknown;
  try {
    given = JSON.parse(input);
  } catch {
    throw new EnvError('should be JSON');
  }
  if (!Array.isArray(given)) throw new EnvError('should be a JSON list');
  const endpoints = given.map((one: Given, index) => endpointOf(one ?? {}, `number ${index + 1}`));
  if (new Set(endpoints.map(({ name }) => name)).size < endpoints.length) throw new EnvError('a name is there twice');
  return endpoints;
});

function endpointOf({ name, url, secrets, classes }: Given, place: string): WebhookEndpoint {
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,40}$/.test(name)) {
    throw new EnvError(`${place}: name should be of lower case letters, digits and hyphens`);
  }
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password) {
    throw new EnvError(`${place}: url should be an http(s) address without a password`);
  }
  if (!Array.isArray(secrets) || secrets.length === 0) throw new EnvError(`${place}: secrets should be a list`);
  if (!Array.isArray(classes) || classes.length === 0 || !classes.every((one) => CLASSES.includes(one as never))) {
    throw new EnvError(`${place}: classes should be among ${CLASSES.join(', ')}`);
  }
  return {
    name,
    url: parsed.href,
    secrets: secrets.map((secret) => keyOf(secret, place)),
    classes: classes as MessageClass[],
  };
}

/** Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
function keyOf(secret: unknown, place: string): Buffer {
  const key = Buffer.from(/^whsec_(.+)$/.exec(String(secret))?.[1] ?? '', 'base64');
  if (key.length < 24 || key.length > 64) {
    throw new EnvError(`${place}: a secret should be whsec_ and 24 to 64 bytes in base64`);
  }
  return key;
}
