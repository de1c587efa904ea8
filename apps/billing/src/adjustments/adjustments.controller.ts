import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { IdempotencyKey, Idempotent } from '../idempotency/idempotent.decorator.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { AdjustmentDto, AdjustmentListDto, CreateAdjustmentDto, ListAdjustmentsDto } from './adjustment.dto.js';
import type { Adjustment } from './adjustments.repository.js';
import { AdjustmentsService } from './adjustments.service.js';

@ApiTags('admin: adjustments')
@Roles('admin', 'super_user')
@Controller('admin/adjustments')
export class AdjustmentsController {
  constructor(
    private readonly adjustments: AdjustmentsService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Gives a user money or takes it; large amounts wait for a second administrator. */
  @Post()
  @Idempotent()
  async createAdjustment(
    @CurrentUser() user: Principal,
    @Body() body: CreateAdjustmentDto,
    @IdempotencyKey() key: string,
  ): Promise<AdjustmentDto> {
    const { amountMinor, currency } = await this.currencies.parse(body.amount);
    const { userId, reason } = body;
    const signed = body.direction === 'give' ? amountMinor : -amountMinor;
    const order = { userId, currency, amountMinor: signed, reason, actor: user.userId, key };
    return this.present(await this.adjustments.request(order));
  }

  /** Adjustments, the newest first; by status. */
  @Get()
  async listAdjustments(@Query() { status }: ListAdjustmentsDto): Promise<AdjustmentListDto> {
    const found = await this.adjustments.list(status);
    return { items: await Promise.all(found.map((adjustment) => this.present(adjustment))) };
  }

  /** Posts what another administrator has asked for. */
  @Post(':id/approve')
  @HttpCode(200)
  async approveAdjustment(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<AdjustmentDto> {
    return this.present(await this.adjustments.approve(user.userId, id));
  }

  /** Turns down what is waiting for approval; no money moves. */
  @Post(':id/reject')
  @HttpCode(200)
  async rejectAdjustment(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<AdjustmentDto> {
    return this.present(await this.adjustments.reject(user.userId, id));
  }

  private async present(adjustment: Adjustment): Promise<AdjustmentDto> {
    const { id, userId, reason, status, requestedBy, decidedBy, transactionId, requestedAt } = adjustment;
    const amount = await this.currencies.format(adjustment.amountMinor, adjustment.currency);
    return { id, userId, amount, reason, status, requestedBy, decidedBy, transactionId, requestedAt };
  }
}
