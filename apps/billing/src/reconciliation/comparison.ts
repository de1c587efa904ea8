import type { ProviderMoneyLine } from '../payments/payment-provider.js';

/** What our books know of one intent. */
export interface OurSide {
  paymentId: string;
  intentId: string;
  status: string;
  amountMinor: bigint;
  currency: string;
  createdAt: Date;
  /** Booked as captured in the ledger; null when nothing is. */
  bookedMinor: bigint | null;
  /** Ids of the provider for which something was booked. */
  refunds: readonly { providerId: string | null; status: string; takenMinor: bigint; returned: boolean }[];
  disputes: readonly { id: string; state: string }[];
}

/** A difference between the books. */
export interface Difference {
  what:
    | 'captured_not_ours'
    | 'captured_not_credited'
    | 'amount_differs'
    | 'credited_not_captured'
    | 'refund_not_booked'
    | 'refund_not_returned'
    | 'dispute_not_recorded'
    | 'dispute_not_returned';
  /** The provider's id of what moved the money, or our payment's. */
  subject: string;
  paymentId: string | null;
  details: string;
}

/** Compares each line of the provider with our side of the same intent. */
export function compareLines(lines: readonly ProviderMoneyLine[], ours: ReadonlyMap<string, OurSide>): Difference[] {
  return lines.flatMap((line) => {
    const mine = line.intentId ? ours.get(line.intentId) : undefined;
    const difference = differenceOf(line, mine);
    return difference ? [{ ...difference, subject: line.sourceId, paymentId: mine?.paymentId ?? null }] : [];
  });
}

/** Payments we credited for which the provider has no capture. */
export function compareCredits(credited: readonly OurSide[], lines: readonly ProviderMoneyLine[]): Difference[] {
  const captured = new Set(lines.filter((line) => line.kind === 'charge').map((line) => line.intentId));
  return credited
    .filter((payment) => !captured.has(payment.intentId))
    .map(({ paymentId, intentId }) => ({
      what: 'credited_not_captured' as const,
      subject: paymentId,
      paymentId,
      details: `no capture of ${intentId} at the provider`,
    }));
}

function differenceOf(
  line: ProviderMoneyLine,
  mine: OurSide | undefined,
): Pick<Difference, 'what' | 'details'> | undefined {
  if (line.kind === 'other') return undefined;
  const moved = `${line.amountMinor} ${line.currency}`;
  if (!mine) return { what: 'captured_not_ours', details: `${line.kind} of ${moved} names no payment of ours` };
  switch (line.kind) {
    case 'charge':
      if (mine.status !== 'succeeded' || mine.bookedMinor === null)
        return { what: 'captured_not_credited', details: `${moved} captured, payment is ${mine.status}` };
      if (
        mine.bookedMinor !== line.amountMinor ||
        mine.amountMinor !== line.amountMinor ||
        mine.currency !== line.currency
      )
        return {
          what: 'amount_differs',
          details: `${moved} captured, payment ${mine.amountMinor} ${mine.currency}, booked ${mine.bookedMinor}`,
        };
      return undefined;
    case 'refund': {
      const refund = mine.refunds.find((one) => one.providerId === line.sourceId);
      // It costs nothing in the end, whatever could be taken for it meanwhile; what was taken is asked for with its failure.
      if (refund?.status === 'failed') return undefined;
      const taken = refund?.takenMinor ?? 0n;
      if (taken !== -line.amountMinor)
        return { what: 'refund_not_booked', details: `${moved} refunded, ${taken} taken` };
      return undefined;
    }
    case 'refund_failure': {
      const refund = mine.refunds.find((one) => one.providerId === line.sourceId);
      if (refund && refund.takenMinor > 0n && !refund.returned)
        return { what: 'refund_not_returned', details: `${moved} came back` };
      return undefined;
    }
    case 'dispute':
    case 'dispute_reversal': {
      const dispute = mine.disputes.find(({ id }) => id === line.sourceId);
      if (!dispute) return { what: 'dispute_not_recorded', details: `${moved} moved by a dispute` };
      if (line.kind === 'dispute_reversal' && dispute.state !== 'won')
        return { what: 'dispute_not_returned', details: `${moved} came back, the dispute is ${dispute.state}` };
      return undefined;
    }
  }
}
