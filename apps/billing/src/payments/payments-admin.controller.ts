import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { CurrenciesService } from '../money/currencies.service.js';
import type { MoneyDto } from '../money/money.dto.js';
import {
  DismissRefundDto,
  PaymentDetailsDto,
  PaymentDto,
  PaymentPageDto,
  ProviderEventListDto,
  SearchPaymentsDto,
} from './payment.dto.js';
import type { Payment } from './payment.js';
import { PaymentsAdminService } from './payments-admin.service.js';

@ApiTags('admin: payments')
@Roles('admin', 'super_user')
@Controller('admin')
export class PaymentsAdminController {
  constructor(
    private readonly payments: PaymentsAdminService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Payments, the newest first; by user, status or the provider's id. */
  @Get('payments')
  async searchPayments(@CurrentUser() user: Principal, @Query() query: SearchPaymentsDto): Promise<PaymentPageDto> {
    const { cursor, limit, ...filter } = query;
    const found = await this.payments.search(user.userId, { ...filter, before: cursor, limit: limit + 1 });
    const page = found.slice(0, limit);
    const items = await Promise.all(page.map((payment) => this.present(payment)));
    return { items, nextCursor: found.length > limit ? page.at(-1)!.id : null };
  }

  /** A payment with its whole timeline: what we did, what the provider told. */
  @Get('payments/:id')
  async getPayment(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<PaymentDetailsDto> {
    const { payment, timeline } = await this.payments.details(user.userId, id);
    return { payment: await this.present(payment), timeline };
  }

  /** Asks the provider again, and settles if the money is there. */
  @Post('payments/:id/retry')
  @HttpCode(200)
  async retryPayment(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<PaymentDto> {
    return this.present(await this.payments.retry(user.userId, id));
  }

  /** Decides that the money of a user whose access is withheld is not given back. */
  @Post('payments/:id/refund-due/dismiss')
  @HttpCode(200)
  async dismissRefundDue(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() { reason }: DismissRefundDto,
  ): Promise<PaymentDto> {
    return this.present(await this.payments.dismissRefund(user.userId, id, reason));
  }

  /** Messages of the provider that could not be worked off. */
  @Get('provider-events')
  async listProviderEvents(): Promise<ProviderEventListDto> {
    return { items: await this.payments.deadEvents(200) };
  }

  /** Works such a message off again. */
  @Post('provider-events/:id/retry')
  @HttpCode(204)
  async retryProviderEvent(@CurrentUser() user: Principal, @Param('id') id: string): Promise<void> {
    await this.payments.retryEvent(user.userId, id);
  }

  private async present(payment: Payment): Promise<PaymentDto> {
    const money = (amountMinor: bigint): Promise<MoneyDto> => this.currencies.format(amountMinor, payment.currency);
    return {
      id: payment.id,
      userId: payment.userId,
      purpose: payment.purpose,
      status: payment.status,
      description: payment.description,
      sessionId: payment.sessionId,
      intentId: payment.intentId,
      transactionId: payment.transactionId,
      reviewReason: payment.reviewReason,
      refundDue: payment.refundDue,
      createdAt: payment.createdAt,
      settledAt: payment.settledAt,
      amount: await money(payment.amountMinor),
      taken: await money(payment.takenMinor),
      refundRequested: await money(payment.refundRequestedMinor),
      refundedByProvider: await money(payment.refundedMinor),
      disputed: await money(payment.disputedMinor),
    };
  }
}
