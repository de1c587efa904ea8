import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Clock } from '../clock/clock.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { formatAmount } from '../money/money.js';
import { CheckoutSessionsService } from './checkout-sessions.service.js';
import {
  AmountNotChargeableError,
  CurrencyNotChargeableError,
  PaymentKeyReusedError,
  PaymentOverError,
} from './payment.errors.js';
import { type CheckoutRequest, type CheckoutStarted, type Payment, UNDECIDED } from './payment.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';
import { SettlePaymentService } from './settle-payment.service.js';

const MINUTE = 60_000;
const OFFER_MS = 30 * MINUTE;
/**
 * The provider takes no session that ends in less than half an hour. Counted from the end of the offer, a session can be made for as
 * long as the offer holds, however late the provider is reached; one minute is left for the way there and for clocks that differ.
 */
const SESSION_AFTER_OFFER_MS = 31 * MINUTE;

@Injectable()
export class StartCheckoutService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly sessions: CheckoutSessionsService,
    private readonly settling: SettlePaymentService,
    private readonly currencies: CurrenciesService,
    private readonly clock: Clock,
  ) {}

  /** The row first, then the session; an undecided payment for the same key or intent is taken up again. */
  async start(request: CheckoutRequest): Promise<CheckoutStarted> {
    await this.assertChargeable(request);
    const payment = await this.findOrInsert(request);
    const { id, sessionUrl, status, expiresAt } = await this.sessions.ensure(payment);
    if (!sessionUrl || status === 'expired' || status === 'failed') throw new PaymentOverError(status);
    return { paymentId: id, checkoutUrl: sessionUrl, status, expiresAt };
  }

  private async assertChargeable({ currency, amountMinor }: CheckoutRequest): Promise<void> {
    const chargeable = await this.provider.chargeable();
    if (!chargeable.includes(currency)) throw new CurrencyNotChargeableError(currency, chargeable);
    const { exponent } = await this.currencies.get(currency);
    const { minimum, maximum } = this.provider.limits(currency);
    if (amountMinor >= minimum && amountMinor <= maximum) return;
    throw new AmountNotChargeableError({
      currency,
      minimum: formatAmount(minimum, exponent),
      maximum: formatAmount(maximum, exponent),
    });
  }

  private async findOrInsert(request: CheckoutRequest): Promise<Payment> {
    const now = await this.clock.now();
    const expiresAt = request.expiresAt ?? new Date(now.getTime() + OFFER_MS);
    const id = uuidv7();
    const payment = {
      id,
      userId: request.userId,
      purpose: request.purpose,
      amountMinor: request.amountMinor,
      currency: request.currency,
      description: request.description,
      snapshot: request.snapshot,
      clientKey: request.idempotencyKey,
      intentKey: request.intentKey ?? null,
      returnPath: request.returnPath ?? '/payments/{id}/return',
      expiresAt,
      sessionExpiresAt: new Date(expiresAt.getTime() + SESSION_AFTER_OFFER_MS),
    };
    const inserted = await this.unitOfWork.run(async () => {
      const written = await this.repository.insert(payment);
      if (written) await request.onCreated?.(id);
      return written;
    });
    return inserted ?? (await this.findEarlier(request));
  }

  private async findEarlier(request: CheckoutRequest): Promise<Payment> {
    const { userId, purpose, idempotencyKey, intentKey = null } = request;
    const same = await this.repository.findByClientKey(userId, purpose, idempotencyKey);
    if (same) {
      const { amountMinor, currency } = request;
      if (same.amountMinor !== amountMinor || same.currency !== currency || same.intentKey !== intentKey)
        throw new PaymentKeyReusedError();
      // Nothing is sold after the end of the offer: a session nobody was told of is ended as it is found.
      return same.expiresAt > (await this.clock.now()) ? same : this.settling.expire(same, 'checkout');
    }
    const open = intentKey ? await this.repository.findByIntentKey(userId, intentKey) : undefined;
    if (!open) return this.findOrInsert(request);
    // A last look: what was paid a moment ago must not be offered again as if it were open.
    const settled = await this.settling.settle(open.id, 'checkout');
    // Undecided, it still stands for the intent: no other payment may take its place.
    return UNDECIDED.includes(settled.status) ? settled : this.findOrInsert(request);
  }
}
