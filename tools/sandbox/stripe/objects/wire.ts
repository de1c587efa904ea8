import type Stripe from 'stripe';

export const API_VERSION = '2026-10-28.endive';

/** Decimals are strings on the wire; stripe-node turns them into objects on arrival. */
export type WirePrice = Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string | null };
export type WireLineItem = Omit<Stripe.LineItem, 'price'> & { price: WirePrice };

export interface WireEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: unknown; previous_attributes?: Record<string, unknown> };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: Stripe.Event.Type;
}

export const EMPTY_ADDRESS: Stripe.Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

export interface Payer {
  email: string | null;
  name: string | null;
  country: string | null;
}

/** A payer's address: this sandbox asks for the country only. */
export function addressOf(payer: Payer): Stripe.Address {
  return { ...EMPTY_ADDRESS, country: payer.country };
}
