import { isOpen } from './disputes.ts';
import type { StripeWorld } from './world.ts';

export interface PaymentTruth {
  paymentIntent: string;
  charge: string;
  session: string | null;
  clientReferenceId: string | null;
  metadata: Record<string, string>;
  currency: string;
  captured: number;
  refunded: number;
  disputed: number;
  disputeLost: number;
}

/** What really happened to money, in minor units: one row per captured payment, for tests to count against. */
export function truth(world: StripeWorld): { payments: PaymentTruth[]; totals: Record<string, Totals> } {
  const payments = world.charges
    .values()
    .filter((charge) => charge.status === 'succeeded')
    .map((charge): PaymentTruth => {
      const row = world.intents.get(String(charge.payment_intent));
      const session = world.sessions.get(row?.sessionId ?? '')?.session;
      const disputes = charge.disputed ? world.disputes.values().filter((dispute) => dispute.charge === charge.id) : [];
      return {
        paymentIntent: String(charge.payment_intent),
        charge: charge.id,
        session: session?.id ?? null,
        clientReferenceId: session?.client_reference_id ?? null,
        metadata: { ...session?.metadata, ...row?.intent.metadata },
        currency: charge.currency,
        captured: charge.amount_captured,
        refunded: charge.amount_refunded,
        disputed: sum(disputes.filter(isOpen).map((dispute) => dispute.amount)),
        disputeLost: sum(disputes.filter((dispute) => dispute.status === 'lost').map((dispute) => dispute.amount)),
      };
    });
  return { payments, totals: totals(payments) };
}

type Totals = Pick<PaymentTruth, 'captured' | 'refunded' | 'disputed' | 'disputeLost'> & { payments: number };

function totals(payments: readonly PaymentTruth[]): Record<string, Totals> {
  const byCurrency: Record<string, Totals> = {};
  for (const payment of payments) {
    const total = (byCurrency[payment.currency] ??= {
      payments: 0,
      captured: 0,
      refunded: 0,
      disputed: 0,
      disputeLost: 0,
    });
    total.payments += 1;
    total.captured += payment.captured;
    total.refunded += payment.refunded;
    total.disputed += payment.disputed;
    total.disputeLost += payment.disputeLost;
  }
  return byCurrency;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
