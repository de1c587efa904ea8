import type Stripe from 'stripe';
import type { Decline } from '../cards.ts';
import { debitDetails, fingerprint, type Instrument } from './payment-method.ts';
import { addressOf, type Payer } from './wire.ts';

export interface ChargeFacts {
  id: string;
  created: number;
  intent: Stripe.PaymentIntent;
  paymentMethod: string;
  instrument: Instrument;
  payer: Payer;
  status: 'succeeded' | 'pending' | 'failed';
  decline: Decline | null;
  receiptUrl: string;
}

/** One attempt to take the money of an intent. */
export function charge(facts: ChargeFacts): Stripe.Charge {
  const { intent, decline, payer } = facts;
  const succeeded = facts.status === 'succeeded';
  return {
    id: facts.id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: facts.status === 'failed' ? 0 : intent.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: addressOf(payer), email: payer.email, name: payer.name, phone: null, tax_id: null },
    calculated_statement_descriptor: facts.instrument.type === 'card' ? 'SANDBOX' : null,
    captured: facts.status !== 'failed',
    created: facts.created,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcome(decline, facts.status),
    paid: succeeded,
    payment_intent: intent.id,
    payment_method: facts.paymentMethod,
    payment_method_details: methodDetails(facts.instrument, intent.amount, succeeded),
    radar_options: {},
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: succeeded ? facts.receiptUrl : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: facts.status,
    transfer_data: null,
    transfer_group: null,
  };
}

function outcome(decline: Decline | null, status: ChargeFacts['status']): Stripe.Charge.Outcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: decline ? '01' : null,
    network_status: decline ? 'declined_by_network' : 'approved_by_network',
    reason: decline ? decline.declineCode || decline.code : null,
    risk_level: 'normal',
    risk_score: 20,
    seller_message: decline
      ? 'The bank did not return any further details with this decline.'
      : status === 'pending'
        ? 'Payment pending.'
        : 'Payment complete.',
    type: decline ? 'issuer_declined' : 'authorized',
  };
}

function methodDetails(instrument: Instrument, amount: number, ok: boolean): Stripe.Charge.PaymentMethodDetails {
  if (instrument.type === 'sepa_debit') {
    return { type: 'sepa_debit', sepa_debit: { ...debitDetails(instrument.iban), mandate: null } };
  }
  return {
    type: 'card',
    card: {
      amount_authorized: ok ? amount : null,
      authorization_code: ok ? '123456' : null,
      brand: instrument.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      electronic_commerce_indicator: null,
      exp_month: 12,
      exp_year: 2034,
      extended_authorization: { status: 'disabled' },
      fingerprint: fingerprint(instrument.number),
      funding: 'credit',
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: instrument.number.slice(-4),
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: instrument.brand,
      network_token: { used: false },
      network_transaction_id: ok ? '751131791141111' : null,
      overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: instrument.authenticated ? AUTHENTICATED : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: '00000000-0000-4000-8000-000000000000',
  version: '2.2.0',
};
