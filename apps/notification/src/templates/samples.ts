import { type Facts, type FactType, type FactValue, kindOf, type TemplateKey } from './template.js';

const DAY_MS = 24 * 60 * 60_000;

/** Values by which an author sees what a text will look like. */
const BY_NAME: Record<string, string | number> = {
  product: 'Cinema',
  device: 'Firefox, Windows, desktop',
  ip: '203.0.113.7',
  provider: 'Google',
  reason: 'insufficient_funds',
  reference: 'b1f0c8f2-5f0e-4a53-9a4d-2f3f6f0f7b11',
  email: 'reader@example.com',
  months: 3,
  remaining: 9,
};

/** A likely value for every variable of a template. */
export function samplesOf(key: TemplateKey, now: Date): Facts {
  const entries = Object.entries(kindOf(key).variables);
  return Object.fromEntries(entries.map(([name, type]) => [name, BY_NAME[name] ?? sampleOf(name, type, now)]));
}

function sampleOf(name: string, type: FactType, now: Date): FactValue {
  const later = /^(ends|expires|access|next|paid)/.test(name);
  const byType: Record<FactType, FactValue> = {
    text: name,
    number: 1,
    money: { amountMinor: '2000', currency: 'EUR' },
    time: new Date(now.getTime() + (later ? 30 * DAY_MS : 0)).toISOString(),
    link: 'https://example.com/link',
    sealedLink: 'https://example.com/link',
  };
  return byType[type];
}
