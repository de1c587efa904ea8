import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { ValidationFailedError } from '#libs/errors';
import { UuidPipe } from '#libs/http';
import { AuditService } from '../audit/audit.service.js';
import { IdempotencyKey, Idempotent } from '../idempotency/idempotent.decorator.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { PaymentNotFoundError } from '../payments/payment.errors.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { CreateRefundDto, RefundDto, RefundListDto } from './refund.dto.js';
import { type Refund, RefundsRepository } from './refunds.repository.js';
import { RequestRefundService } from './request-refund.service.js';

@ApiTags('admin: refunds')
@Roles('admin', 'super_user')
@Controller('admin/payments/:paymentId/refunds')
export class RefundsController {
  constructor(
    private readonly requesting: RequestRefundService,
    private readonly refunds: RefundsRepository,
    private readonly payments: PaymentsRepository,
    private readonly currencies: CurrenciesService,
    private readonly audit: AuditService,
  ) {}

  /** Gives a payment back, in whole or in part. */
  @Post()
  @Idempotent()
  async createRefund(
    @CurrentUser() user: Principal,
    @Param('paymentId', UuidPipe) paymentId: string,
    @Body() body: CreateRefundDto,
    @IdempotencyKey() key: string,
  ): Promise<RefundDto> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new PaymentNotFoundError();
    if (body.amount && body.amount.currency !== payment.currency)
      throw new ValidationFailedError([{ field: 'amount.currency', message: `the payment is in ${payment.currency}` }]);
    const amountMinor = body.amount && (await this.currencies.parse(body.amount)).amountMinor;
    const order = { paymentId, amountMinor, reason: body.reason, actor: user.userId, key };
    return this.present(await this.requesting.request(order), payment.currency);
  }

  /** The refunds of a payment, and how far each has come. */
  @Get()
  async listRefunds(
    @CurrentUser() user: Principal,
    @Param('paymentId', UuidPipe) paymentId: string,
  ): Promise<RefundListDto> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new PaymentNotFoundError();
    await this.audit.viewed(user.userId, 'refunds.viewed', [payment.userId], { paymentId });
    const refunds = await this.refunds.ofPayment(paymentId);
    return { items: await Promise.all(refunds.map((refund) => this.present(refund, payment.currency))) };
  }

  private async present(refund: Refund, currency: string): Promise<RefundDto> {
    const { id, paymentId, status, reason, requestedBy, failure, createdAt } = refund;
    const amount = await this.currencies.format(refund.amountMinor, currency);
    return { id, paymentId, amount, status, reason, requestedBy, failure, createdAt };
  }
}
