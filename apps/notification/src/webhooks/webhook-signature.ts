import { createHmac } from 'node:crypto';

/** The three headers of Standard Webhooks. With several keys there are several signatures, and any of them will do. */
export function signedHeaders(
  id: string,
  body: string,
  keys: readonly Buffer[],
  now: Date = new Date(),
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  };
}
