import type { Locale } from '#libs/contracts';

/** How important a message is, and whether its reader may refuse it: security mail always passes. */
export type MessageClass = 'security' | 'billing' | 'product' | 'marketing';

/** A value a template can show. Money is in minor units, times are ISO 8601, a sealed link is opened only while sending. */
export type FactType = 'text' | 'number' | 'money' | 'time' | 'link' | 'sealedLink';

/** The stored form of each kind of value. */
interface FactValues {
  text: string;
  number: number;
  money: { amountMinor: string; currency: string };
  time: string;
  link: string;
  sealedLink: string;
}

/** One stored value. */
export type FactValue = FactValues[FactType];

/** The stored values of one message. */
export type Facts = Record<string, FactValue>;

/** What a template is for: its class and the variables its author may use. */
interface TemplateKind {
  class: MessageClass;
  variables: Record<string, FactType>;
  /** Variables without which the message would not do its work: a text must show each of them. */
  required?: readonly string[];
}

/** Every message the service sends by itself. */
export const TEMPLATES = {
  'verify-email': { class: 'security', variables: { link: 'sealedLink', expiresAt: 'time' }, required: ['link'] },
  'confirm-email-change': {
    class: 'security',
    variables: { link: 'sealedLink', expiresAt: 'time' },
    required: ['link'],
  },
  'recover-password': { class: 'security', variables: { link: 'sealedLink', expiresAt: 'time' }, required: ['link'] },
  'password-changed': { class: 'security', variables: { changedAt: 'time' } },
  'email-changed': { class: 'security', variables: { email: 'text', changedAt: 'time' }, required: ['email'] },
  'undo-email-change': { class: 'security', variables: { link: 'sealedLink', expiresAt: 'time' }, required: ['link'] },
  'new-device': {
    class: 'security',
    variables: { device: 'text', ip: 'text', at: 'time' },
    required: ['device', 'at'],
  },
  'second-factor-enabled': {
    class: 'security',
    variables: { device: 'text', ip: 'text', at: 'time' },
    required: ['device', 'at'],
  },
  'second-factor-disabled': {
    class: 'security',
    variables: { device: 'text', ip: 'text', at: 'time' },
    required: ['device', 'at'],
  },
  'recovery-codes-renewed': {
    class: 'security',
    variables: { device: 'text', ip: 'text', at: 'time' },
    required: ['device', 'at'],
  },
  'recovery-code-used': {
    class: 'security',
    variables: { device: 'text', ip: 'text', at: 'time', remaining: 'number' },
    required: ['device', 'at', 'remaining'],
  },
  'refresh-reused': { class: 'security', variables: { ip: 'text', at: 'time' } },
  'account-blocked': { class: 'security', variables: { reason: 'text', at: 'time' } },
  'account-unblocked': { class: 'security', variables: { at: 'time' } },
  'already-registered': { class: 'security', variables: { at: 'time' } },
  'identity-linked': { class: 'security', variables: { provider: 'text', at: 'time' }, required: ['provider'] },
  'identity-unlinked': { class: 'security', variables: { provider: 'text', at: 'time' }, required: ['provider'] },
  welcome: { class: 'product', variables: {} },
  'top-up-receipt': {
    class: 'billing',
    variables: { paid: 'money', credited: 'money', reference: 'text', at: 'time' },
    required: ['paid', 'credited'],
  },
  'subscription-purchased': {
    class: 'billing',
    variables: { product: 'text', months: 'number', paid: 'money', startsAt: 'time', endsAt: 'time' },
    required: ['product', 'paid', 'endsAt'],
  },
  'subscription-renewed': {
    class: 'billing',
    variables: { product: 'text', paid: 'money', endsAt: 'time' },
    required: ['product', 'paid', 'endsAt'],
  },
  'renewal-failed': {
    class: 'billing',
    variables: { product: 'text', reason: 'text', price: 'money', accessUntil: 'time', nextTryAt: 'time' },
    required: ['product', 'price'],
  },
  'subscription-ending': {
    class: 'billing',
    variables: { product: 'text', endsAt: 'time', renewal: 'money' },
    required: ['product', 'endsAt'],
  },
  'subscription-ended': { class: 'billing', variables: { product: 'text', endedAt: 'time' }, required: ['product'] },
  'subscription-refunded': {
    class: 'billing',
    variables: { product: 'text', refunded: 'money', paidUntil: 'time' },
    required: ['product', 'refunded'],
  },
  'refund-issued': {
    class: 'billing',
    variables: { refunded: 'money', reference: 'text', at: 'time' },
    required: ['refunded'],
  },
  'refund-failed': {
    class: 'billing',
    variables: { refunded: 'money', reference: 'text', at: 'time' },
    required: ['refunded'],
  },
  'dispute-opened': {
    class: 'billing',
    variables: { disputed: 'money', reference: 'text', at: 'time' },
    required: ['disputed'],
  },
  'dispute-won': {
    class: 'billing',
    variables: { disputed: 'money', reference: 'text', at: 'time' },
    required: ['disputed'],
  },
  'dispute-lost': {
    class: 'billing',
    variables: { disputed: 'money', reference: 'text', at: 'time' },
    required: ['disputed'],
  },
} as const satisfies Record<string, TemplateKind>;

/** The name of a template. */
export type TemplateKey = keyof typeof TEMPLATES;

/** A template's name, or undefined for a name that no template has. */
export function templateKeyOf(name: string): TemplateKey | undefined {
  return Object.hasOwn(TEMPLATES, name) ? (name as TemplateKey) : undefined;
}

/** What the author of a template may use and must use. */
export function kindOf(key: TemplateKey): TemplateKind {
  return TEMPLATES[key];
}

/** The values a template is given; undefined where there is nothing to tell. */
export type FactsOf<K extends TemplateKey> = {
  -readonly [V in keyof (typeof TEMPLATES)[K]['variables']]: (typeof TEMPLATES)[K]['variables'][V] extends FactType
    ? FactValues[(typeof TEMPLATES)[K]['variables'][V]] | undefined
    : never;
};

/** What an author writes for one language. */
export interface TemplateContent {
  /** Liquid, one line: the mail's subject and the inbox title. */
  subject: string;
  /** Liquid, a sentence or two: the inbox text. Absent: the body's text. */
  summary?: string | undefined;
  /** Markdown with Liquid: the mail. A paragraph that holds nothing but a link becomes a button. */
  body: string;
}

/** What a template says in each language. */
export type TemplateTexts = Partial<Record<Locale, TemplateContent>>;

/** The starter set of one language. */
export type StarterSet = Record<TemplateKey, TemplateContent>;
