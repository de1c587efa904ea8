import { newId } from '../ids.ts';
import type { WireLineItem } from './wire.ts';

export interface LineFacts {
  name: string;
  description: string | null;
  unitAmount: number;
  quantity: number;
  currency: string;
  productMetadata: Record<string, string>;
  created: number;
}

export interface Line {
  item: WireLineItem;
  name: string;
}

/** A line of a session whose price was given inline. */
export function lineItem(facts: LineFacts): Line {
  const total = facts.unitAmount * facts.quantity;
  return {
    name: facts.name,
    item: {
      id: newId('li_1', 23),
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: total,
      amount_tax: 0,
      amount_total: total,
      currency: facts.currency,
      description: facts.name,
      metadata: {},
      price: {
        id: newId('price_1', 23),
        object: 'price',
        active: false,
        billing_scheme: 'per_unit',
        created: facts.created,
        currency: facts.currency,
        custom_unit_amount: null,
        livemode: false,
        lookup_key: null,
        metadata: {},
        nickname: null,
        product: newId('prod_', 14),
        recurring: null,
        tax_behavior: 'unspecified',
        tiers_mode: null,
        transform_quantity: null,
        type: 'one_time',
        unit_amount: facts.unitAmount,
        unit_amount_decimal: String(facts.unitAmount),
      },
      quantity: facts.quantity,
    },
  };
}
