import type Stripe from 'stripe';
import type { Clock } from '../core/clock.ts';
import type { Faults } from '../core/faults.ts';
import type { Journal, Table } from '../core/journal.ts';
import type { ActivityLog } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Line } from './objects/line-item.ts';
import type { Payer, WireEvent } from './objects/wire.ts';

export interface SessionRow {
  session: Stripe.Checkout.Session;
  lines: Line[];
  /** What the payment intent will be made with, once somebody pays. */
  intentData: {
    description: string | null;
    receiptEmail: string | null;
    metadata: Record<string, string>;
    statementDescriptor: string | null;
    statementDescriptorSuffix: string | null;
  };
}

export interface IntentRow {
  intent: Stripe.PaymentIntent;
  sessionId: string | null;
  /** What the payment waits for: the payer's bank page, or the debit's settlement. */
  waiting:
    | { for: 'authentication'; number: string; payer: Payer }
    | { for: 'settlement'; outcome: 'succeeds' | 'fails'; dueAt: number }
    | null;
}

export interface DeliveryAttempt {
  at: string;
  status: number | null;
  error: string | null;
  /** The fault that spoiled this attempt on purpose, if any. */
  spoiled: string | null;
}

export interface Delivery {
  eventId: string;
  type: string;
  state: 'pending' | 'delivered' | 'failed' | 'dropped';
  /** Machine time in milliseconds: retries do not follow the sandbox clock. */
  nextAt: number;
  attempts: DeliveryAttempt[];
}

export interface KeptAnswer {
  path: string;
  parameters: string;
  status: number;
  body: string;
  requestId: string;
  at: number;
}

export interface RefundRow {
  refund: Stripe.Refund;
  /** Sandbox time in seconds at which a pending refund settles or a succeeding one fails. */
  change: { to: 'succeeded' | 'failed'; dueAt: number } | null;
}

/** What a charge currency settles in; `rate` multiplies minor units. */
export interface Settlement {
  currency: string;
  rate: number;
}

export interface StripeSettings {
  currencies: readonly string[];
  asyncSeconds: number;
  publicUrl: () => string;
}

/** Everything the Stripe double knows. Synchronous: each call sees and leaves a whole state. */
export class StripeWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly log: ActivityLog;
  readonly settings: StripeSettings;
  readonly sessions: Table<SessionRow>;
  readonly intents: Table<IntentRow>;
  readonly charges: Table<Stripe.Charge>;
  readonly refunds: Table<RefundRow>;
  readonly disputes: Table<Stripe.Dispute>;
  readonly customers: Table<Stripe.Customer>;
  readonly paymentMethods: Table<Stripe.PaymentMethod>;
  readonly balanceTransactions: Table<Stripe.BalanceTransaction>;
  /** By charge currency; one that is not here settles in itself. */
  readonly settlements: Table<Settlement>;
  readonly events: Table<WireEvent>;
  readonly deliveries: Table<Delivery>;
  readonly answers: Table<KeptAnswer>;
  /** The API call being carried out, named in the events it causes; null when a payer or the clock causes them. */
  request: { id: string; idempotencyKey: string | null } | null = null;
  /** Told of every new event; the webhook dispatcher listens. */
  announce: (eventIds: string[]) => void = () => undefined;
  /** Told of every new moment (seconds, sandbox time) at which something falls due. */
  promise: (at: number) => void = () => undefined;

  constructor(
    journal: Journal,
    tools: { clock: Clock; random: Random; faults: Faults; log: ActivityLog },
    settings: StripeSettings,
  ) {
    this.clock = tools.clock;
    this.random = tools.random;
    this.faults = tools.faults;
    this.log = tools.log;
    this.settings = settings;
    this.sessions = journal.table('stripe.sessions');
    this.intents = journal.table('stripe.intents');
    this.charges = journal.table('stripe.charges');
    this.refunds = journal.table('stripe.refunds');
    this.disputes = journal.table('stripe.disputes');
    this.customers = journal.table('stripe.customers');
    this.paymentMethods = journal.table('stripe.payment_methods');
    this.balanceTransactions = journal.table('stripe.balance_transactions');
    this.settlements = journal.table('stripe.settlements');
    this.events = journal.table('stripe.events');
    this.deliveries = journal.table('stripe.deliveries');
    this.answers = journal.table('stripe.answers');
  }
}
