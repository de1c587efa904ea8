import { Controller, Headers, HttpCode, Post, type RawBodyRequest, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { ProviderEventsService } from './provider-events.service.js';

@ApiExcludeController()
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly events: ProviderEventsService) {}

  /** Stripe's deliveries: answered with 200 once they are committed, worked on afterwards. */
  @Post('stripe')
  @Public()
  @HttpCode(200)
  async stripe(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature?: string,
  ): Promise<{ received: true }> {
    await this.events.receive(request.rawBody ?? Buffer.alloc(0), signature);
    return { received: true };
  }
}
