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

/** Comma separated values, trimmed, empty ones dropped. */
export const list = makeExactValidator<string[]>((input) =>
  input
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

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
