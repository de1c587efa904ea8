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
}

/** Every message the service sends by itself. */
export const TEMPLATES = {
  'verify-email': { class: 'security', variables: { link: 'sealedLink', expiresAt: 'time' } },
  'recover-password': { class: 'security', variables: { link: 'sealedLink', expiresAt: 'time' } },
  'password-changed': { class: 'security', variables: { changedAt: 'time' } },
  'email-changed': { class: 'security', variables: { email: 'text', changedAt: 'time' } },
  'new-device': { class: 'security', variables: { device: 'text', ip: 'text', at: 'time' } },
  'refresh-reused': { class: 'security', variables: { ip: 'text', at: 'time' } },
  'account-blocked': { class: 'security', variables: { reason: 'text', at: 'time' } },
  'account-unblocked': { class: 'security', variables: { at: 'time' } },
  'already-registered': { class: 'security', variables: { at: 'time' } },
  'identity-linked': { class: 'security', variables: { provider: 'text', at: 'time' } },
  'identity-unlinked': { class: 'security', variables: { provider: 'text', at: 'time' } },
  welcome: { class: 'product', variables: {} },
  'top-up-receipt': {
    class: 'billing',
    variables: { paid: 'money', credited: 'money', reference: 'text', at: 'time' },
  },
  'subscription-purchased': {
    class: 'billing',
    variables: { product: 'text', months: 'number', paid: 'money', startsAt: 'time', endsAt: 'time' },
  },
  'subscription-renewed': { class: 'billing', variables: { product: 'text', paid: 'money', endsAt: 'time' } },
  'renewal-failed': {
    class: 'billing',
    variables: { product: 'text', reason: 'text', price: 'money', accessUntil: 'time', nextTryAt: 'time' },
  },
  'subscription-ending': { class: 'billing', variables: { product: 'text', endsAt: 'time', renewal: 'money' } },
  'subscription-ended': { class: 'billing', variables: { product: 'text', endedAt: 'time' } },
  'subscription-refunded': { class: 'billing', variables: { product: 'text', refunded: 'money', paidUntil: 'time' } },
} as const satisfies Record<string, TemplateKind>;

/** The name of a template. */
export type TemplateKey = keyof typeof TEMPLATES;

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

/** The starter set of one language. */
export type StarterSet = Record<TemplateKey, TemplateContent>;
