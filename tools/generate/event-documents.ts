import { stringify } from 'yaml';
import type { Schema } from './event-schema.ts';

/** What is known about one version of an event. */
export interface EventFacts {
  key: string;
  name: string;
  version: number;
  description: string;
  schema: Schema;
  /** A stored message of this version. */
  sample: unknown;
  unheard?: boolean;
  /** The apps that listen. */
  consumers: string[];
}

const HEAD = `# Events

Made from \`libs/contracts\` by \`tools/generate/events.ts\`. Exchange \`events\` (topic); the routing key is the name with its version.
Every message is one JSON envelope; unknown fields are to be ignored.

| envelope field | meaning |
| --- | --- |
| \`id\` | UUID version 7, the same at every delivery: consumers deduplicate by it |
| \`name\`, \`version\` | which contract the payload follows |
| \`occurredAt\` | ISO 8601, UTC |
| \`producer\` | the app that published it: the first part of the name, or the message is refused as forged |
| \`aggregateId\`, \`aggregateVersion\` | whom it is about; a lower version never overwrites a higher one |
| \`traceparent\` | W3C trace context, when tracing is on |
| \`payload\` | the facts below |
`;

/** docs/events.md */
export function markdown(events: EventFacts[]): string {
  const overview = events.map(
    ({ key, description, consumers }) => `| [\`${key}\`](#${anchor(key)}) | ${description} | ${consumers.join(', ')} |`,
  );
  const table = ['| event | what happened | consumed by |', '| --- | --- | --- |', ...overview].join('\n');
  return [HEAD, table, ...events.map(section)].join('\n') + '\n';
}

function section({ key, description, schema, sample }: EventFacts): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => `| \`${name}\` | ${typeText(field)} | ${required.has(name) ? 'yes' : 'no'} |`,
  );
  const fields = ['| field | type | required |', '| --- | --- | --- |', ...rows].join('\n');
  const { payload } = sample as { payload: unknown };
  return `\n## ${key}\n\n${description}\n\n${fields}\n\n\`\`\`json\n${JSON.stringify(payload, null, 2)}\n\`\`\``;
}

function anchor(key: string): string {
  return key.replaceAll('.', '');
}

function typeText({ type, format, enum: values, items, pattern }: Schema): string {
  if (values) return values.map((value) => `\`${String(value)}\``).join(' or ');
  if (items) return `list of ${typeText(items)}`;
  const base = [type ?? 'string'].flat().join(' or ');
  if (format) return `${base} (${format})`;
  return pattern ? `${base} \`${pattern.replaceAll('|', '\\|')}\`` : base;
}

const ENVELOPE: Schema = {
  type: 'object',
  required: ['id', 'name', 'version', 'occurredAt', 'producer', 'aggregateId', 'aggregateVersion', 'payload'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    version: { type: 'integer' },
    occurredAt: { type: 'string', format: 'date-time' },
    producer: { type: 'string' },
    aggregateId: { type: 'string' },
    aggregateVersion: { type: 'integer' },
    traceparent: { type: 'string' },
  },
};

/** docs/asyncapi.yaml (AsyncAPI 3.0) */
export function asyncApi(events: EventFacts[]): string {
  const channels = events.map(({ key }) => [
    key,
    {
      address: key,
      messages: { event: { $ref: `#/components/messages/${key}` } },
      bindings: {
        amqp: { is: 'routingKey', exchange: { name: 'events', type: 'topic', durable: true, autoDelete: false } },
      },
    },
  ]);
  const operations = events.map(({ key }) => [
    `publish.${key}`,
    { action: 'send', channel: { $ref: `#/channels/${key}` } },
  ]);
  const messages = events.map(({ key, name, version, description, schema, sample }) => [
    key,
    {
      name: key,
      summary: description,
      contentType: 'application/json',
      payload: {
        ...ENVELOPE,
        properties: { ...ENVELOPE.properties, name: { enum: [name] }, version: { enum: [version] }, payload: schema },
      },
      examples: [{ payload: sample }],
    },
  ]);
  return stringify(
    {
      asyncapi: '3.0.0',
      info: { title: 'Events', version: '1.0.0', description: 'Made from libs/contracts by tools/generate/events.ts.' },
      defaultContentType: 'application/json',
      channels: Object.fromEntries(channels) as unknown,
      operations: Object.fromEntries(operations) as unknown,
      components: { messages: Object.fromEntries(messages) as unknown },
    },
    { lineWidth: 120, aliasDuplicateObjects: false, singleQuote: true },
  );
}
