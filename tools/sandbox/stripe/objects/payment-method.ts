import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { newId } from '../ids.ts';
import { addressOf, type Payer } from './wire.ts';

/** What the payer pays with: a card number or an IBAN. */
export type Instrument =
  { type: 'card'; number: string; brand: string; authenticated: boolean } | { type: 'sepa_debit'; iban: string };

/** The same card or account always has the same sixteen letters. */
export function fingerprint(value: string): string {
  return createHash('sha256').update(value).digest('base64url').replace(/[-_]/g, 'x').slice(0, 16);
}

/** What was paid with, as Stripe keeps it. */
export function paymentMethod(instrument: Instrument, payer: Payer, created: number): Stripe.PaymentMethod {
  return {
    id: newId('pm_1', 23),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: addressOf(payer), email: payer.email, name: payer.name, phone: null, tax_id: null },
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    ...(instrument.type === 'card'
      ? { type: 'card', card: cardDetails(instrument) }
      : { type: 'sepa_debit', sepa_debit: { ...debitDetails(instrument.iban), generated_from: null } }),
  };
}

function cardDetails(card: Extract<Instrument, { type: 'card' }>): Stripe.PaymentMethod.Card {
  return {
    brand: card.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: card.brand,
    exp_month: 12,
    exp_year: 2034,
    fingerprint: fingerprint(card.number),
    funding: 'credit',
    generated_from: null,
    last4: card.number.slice(-4),
    networks: { available: [card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

/** The parts of an IBAN that Stripe shows. */
export function debitDetails(iban: string): Omit<Stripe.PaymentMethod.SepaDebit, 'generated_from'> {
  return {
    bank_code: iban.slice(4, 9),
    branch_code: '',
    country: iban.slice(0, 2),
    fingerprint: fingerprint(iban),
    last4: iban.slice(-4),
  };
}
