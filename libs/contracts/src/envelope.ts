import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { allContracts, appOf, type ContractClass, contractOf } from './contract.js';
import { rememberRules } from './validation-metadata.js';

rememberRules();

/** What travels: the facts, and who said them about what, when. */
export interface Envelope<T extends object = object> {
  /** UUID version 7; the same however often the message is delivered. */
  id: string;
  name: string;
  version: number;
  /** ISO 8601, UTC. */
  occurredAt: string;
  /** The app that published it; the name begins with it. */
  producer: string;
  aggregateId: string;
  /** Grows with each change of the aggregate, so that a late older event can be told from a newer one. */
  aggregateVersion: number;
  /** W3C trace context. */
  traceparent?: string | undefined;
  payload: T;
}

/** A message that is not what its contract says; it will not get better by trying again. */
export class ContractViolation extends Error {
  constructor(
    readonly code:
      | 'message.not_json'
      | 'message.bad_envelope'
      | 'message.unknown_contract'
      | 'message.forged'
      | 'message.bad_payload'
      | 'message.too_large',
    message: string,
  ) {
    super(message);
    this.name = 'ContractViolation';
  }
}

/** Checks a payload that is about to be published; unknown fields are refused. Throws ContractViolation. */
export function assertPublishable(payload: object): void {
  const cls = payload.constructor as ContractClass;
  const { name, version } = contractOf(cls);
  const check = (value: object): ValidationError[] =>
    validateSync(value, { whitelist: true, forbidNonWhitelisted: true });
  // Nested values may be plain objects, which are refused as unknown: then the check looks at a converted copy.
  const faults = check(payload).length === 0 ? [] : check(plainToInstance(cls as new () => object, { ...payload }));
  if (faults.length > 0) throw new ContractViolation('message.bad_payload', `${name}.v${version}: ${describe(faults)}`);
}

/** Parses a message body and checks it against its contract; unknown fields are dropped. Throws ContractViolation. */
export function parseEnvelope(body: string): Envelope {
  const envelope = parseJson(body);
  if (!isEnvelope(envelope))
    throw new ContractViolation('message.bad_envelope', 'The envelope lacks a field or has one of a wrong type');
  const key = `${envelope.name}.v${envelope.version}`;
  const cls = allContracts().get(key);
  if (!cls) throw new ContractViolation('message.unknown_contract', `No contract is called ${key.slice(0, 200)}`);
  if (envelope.producer !== appOf(envelope))
    throw new ContractViolation('message.forged', `${key} is not for ${envelope.producer.slice(0, 200)} to say`);
  const payload = plainToInstance(cls as new () => object, envelope.payload);
  const faults = validateSync(payload, { whitelist: true });
  if (faults.length > 0) throw new ContractViolation('message.bad_payload', `${key}: ${describe(faults)}`);
  return { ...envelope, payload };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ContractViolation('message.not_json', 'The body is not JSON');
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const e = value as Record<string, unknown>;
  return (
    typeof e['id'] === 'string' &&
    UUID.test(e['id']) &&
    typeof e['name'] === 'string' &&
    Number.isSafeInteger(e['version']) &&
    typeof e['occurredAt'] === 'string' &&
    !Number.isNaN(Date.parse(e['occurredAt'])) &&
    typeof e['producer'] === 'string' &&
    typeof e['aggregateId'] === 'string' &&
    Number.isSafeInteger(e['aggregateVersion']) &&
    (e['traceparent'] === undefined || typeof e['traceparent'] === 'string') &&
    typeof e['payload'] === 'object' &&
    e['payload'] !== null &&
    !Array.isArray(e['payload'])
  );
}

function describe(faults: ValidationError[], path = ''): string {
  return faults
    .flatMap((fault) => {
      const at = path ? `${path}.${fault.property}` : fault.property;
      const own = Object.values(fault.constraints ?? {}).map((message) => `${at}: ${message}`);
      return fault.children?.length ? [...own, describe(fault.children, at)] : own;
    })
    .join('; ');
}
