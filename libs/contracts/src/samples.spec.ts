import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  allContracts,
  assertPublishable,
  ContractViolation,
  EntitlementChangedV1,
  parseEnvelope,
  PostingEntryV2,
  PostingRecordedV2,
} from '#libs/contracts';

const folder = new URL('../samples/', import.meta.url);
const samples = readdirSync(folder).map((file) => ({
  key: file.replace(/\.json$/, ''),
  body: readFileSync(new URL(file, folder), 'utf8'),
}));

describe('the stored samples', () => {
  it('cover every version of every contract', () => {
    expect(samples.map(({ key }) => key).sort()).toEqual([...allContracts().keys()].sort());
  });

  it.each(samples)('of $key still parse, field by field', ({ key, body }) => {
    const envelope = parseEnvelope(body);
    expect(`${envelope.name}.v${envelope.version}`).toBe(key);
    expect(JSON.parse(JSON.stringify(envelope))).toEqual(JSON.parse(body));
  });

  it.each(samples)('of $key parse with a field that a later release adds, and without it', ({ body }) => {
    const later = JSON.parse(body) as { payload: object; note?: string };
    const parsed = parseEnvelope(JSON.stringify({ ...later, payload: { ...later.payload, addedLater: 1 } }));
    expect(parsed.payload).not.toHaveProperty('addedLater');
  });

  it.each(samples)('of $key are refused when a field is missing', ({ body }) => {
    const { payload, ...envelope } = JSON.parse(body) as { payload: Record<string, unknown> };
    const [first] = Object.keys(payload);
    const rest = Object.fromEntries(Object.entries(payload).filter(([name]) => name !== first));
    expect(() => parseEnvelope(JSON.stringify({ ...envelope, payload: rest }))).toThrow(ContractViolation);
  });
});

describe('an envelope', () => {
  it.each([
    ['message.not_json', '{'],
    ['message.bad_envelope', '[]'],
    ['message.bad_envelope', '{"name":"auth.user.verified","version":1}'],
    ['message.unknown_contract', samples[0]!.body.replace(/"name": "[^"]+"/, '"name": "nobody.knows.this"')],
    ['message.forged', samples[0]!.body.replace(/"producer": "[^"]+"/, '"producer": "notification"')],
  ])('that is wrong is refused as %s', (code, body) => {
    expect(() => parseEnvelope(body)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a payload', () => {
  const facts = { userId: '0b6f5d2e-98f4-4f6e-b1f4-7d4f5f7d9c11', product: 'cinema', activeUntil: null, version: 3 };

  it.each(['as plain objects', 'as instances'])('is checked in what it holds, %s', (how) => {
    const { payload } = parseEnvelope(samples.find(({ key }) => key === 'billing.posting.recorded.v2')!.body);
    const { entries, ...rest } = payload as PostingRecordedV2;
    const holding = (change: object): PostingRecordedV2 => {
      const changed = Object.assign({}, entries[0], change);
      return new PostingRecordedV2({
        ...rest,
        entries: [how === 'as instances' ? Object.assign(new PostingEntryV2(), changed) : changed],
      });
    };
    expect(() => assertPublishable(holding({}))).not.toThrow();
    expect(() => assertPublishable(holding({ seq: 0 }))).toThrow('entries.0.seq');
    expect(() => assertPublishable(holding({ extra: 1 }))).toThrow('extra');
  });

  it('is publishable when every field is right, null where the contract says so', () => {
    expect(() => assertPublishable(new EntitlementChangedV1(facts))).not.toThrow();
  });

  it('is refused with a field its contract does not know', () => {
    const withMore = Object.assign(new EntitlementChangedV1(facts), { extra: 1 });
    expect(() => assertPublishable(withMore)).toThrow('extra');
  });

  it('is refused when its class is no contract', () => {
    expect(() => assertPublishable({ a: 1 })).toThrow('is not a contract');
  });
});
