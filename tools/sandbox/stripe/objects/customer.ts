import type Stripe from 'stripe';
import { newId } from '../ids.ts';

export interface CustomerFacts {
  created: number;
  email: string | null;
  name: string | null;
  phone: string | null;
  description: string | null;
  metadata: Record<string, string>;
  locales: string[];
}

/** A customer without payment methods. */
export function customer(facts: CustomerFacts): Stripe.Customer {
  return {
    id: newId('cus_', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: facts.created,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: facts.description,
    email: facts.email,
    invoice_prefix: newId('', 8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: facts.metadata,
    name: facts.name,
    phone: facts.phone,
    preferred_locales: facts.locales,
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}
