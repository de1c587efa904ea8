import { EnvError, makeExactValidator, makeValidator } from 'envalid';

/** An URL with one of the given protocols, kept as text without a trailing slash. */
export function urlWith(...protocols: string[]) {
  return makeExactValidator<string>((input) => {
    const url = URL.parse(input);
    if (!url) throw new EnvError(`not a URL: it should start with ${protocols.join(' or ')}//`);
    if (!protocols.includes(url.protocol)) throw new EnvError(`should start with ${protocols.join(' or ')}//`);
    return input.replace(/\/$/, '');
  });
}

/** An http(s) address. */
export const httpUrl = urlWith('http:', 'https:');

function listed(input: string): string[] {
  return input
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/** Comma separated values, trimmed, empty ones dropped. */
export const list = makeExactValidator<string[]>(listed);

/** RabbitMQ addresses, comma separated: the nodes of a cluster. */
export const amqpUrls = makeExactValidator<string[]>((input) => {
  const urls = input.split(',').map((item) => item.trim());
  for (const url of urls) {
    if (!/^amqps?:\/\/.+/.test(url) || !URL.canParse(url))
      throw new EnvError('each should start with amqp:// or amqps://');
  }
  return urls;
});

/** 32 bytes in base64, for AES-256 and HMAC keys. */
export const key32 = makeExactValidator<Buffer>((input) => {
  const bytes = Buffer.from(input, 'base64');
  if (bytes.length !== 32) throw new EnvError('should be 32 bytes in base64 (openssl rand -base64 32)');
  return bytes;
});

/** Who may call with which key: `name:SHA-256 of the key in hex`, comma separated. */
export const serviceKeys = makeExactValidator<{ name: string; sha256: Buffer }[]>((input) => {
  const keys = listed(input).map((entry) => {
    const [, name, hex] = /^([a-z][a-z0-9_-]{0,49}):([0-9a-fA-F]{64})$/.exec(entry) ?? [];
    if (!name || !hex) throw new EnvError('each should be name:SHA-256 of the key in hex (64 digits)');
    return { name, sha256: Buffer.from(hex, 'hex') };
  });
  const different = new Set(keys.map(({ sha256 }) => sha256.toString('hex')));
  if (different.size < keys.length) throw new EnvError('two services share a key');
  return keys;
});

/** A whole number between `min` and `max`, both allowed. */
export function wholeNumber(min: number, max: number) {
  return makeValidator<number>((input) => {
    const value = Number(input);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new EnvError(`should be a whole number from ${min} to ${max}`);
    }
    return value;
  });
}
