import { Controller, Get, Logger, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { UuidPipe } from '#libs/http';
import type { Payment } from './payment.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentNotFoundError } from './payment.errors.js';
import { returnPage } from './return-page.js';
import { SettlePaymentService } from './settle-payment.service.js';

/** Where the provider sends the browser back to. The address is unguessable and shows no more than the state of one payment. */
@ApiExcludeController()
@Public()
@Controller()
export class PaymentsController {
  private readonly logger = new Logger(PaymentsController.name);

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly settling: SettlePaymentService,
  ) {}

  @Get(['payments/:id/return', 'top-ups/:id/return'])
  async onReturn(
    @Param('id', UuidPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const payment = await this.latest(id);
    void reply.headers(PAGE_HEADERS);
    return returnPage(payment, languageOf(request));
  }

  /** Asks the provider; when it cannot be reached, tells what we know so far. */
  private async latest(id: string): Promise<Payment> {
    try {
      return await this.settling.settle(id, 'return page');
    } catch (error) {
      if (error instanceof PaymentNotFoundError) throw error;
      this.logger.warn(`Payment ${id} not settled on return: ${(error as Error).message}`);
      const known = await this.repository.find(id);
      if (!known) throw new PaymentNotFoundError();
      return known.status === 'session_open' ? { ...known, status: 'processing' } : known;
    }
  }
}
