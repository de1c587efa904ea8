import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryListDto, DeliveryQueryDto } from './delivery.dto.js';

/** Every message that was or will be sent, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: deliveries')
@Controller('admin/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /** Newest first; by state, or one user's whole history. */
  @Get()
  listDeliveries(@CurrentUser() { userId }: Principal, @Query() query: DeliveryQueryDto): Promise<DeliveryListDto> {
    return this.deliveries.list(userId, query);
  }

  /** Sends a failed one again. */
  @Post(':id/retry')
  @HttpCode(202)
  async retryDelivery(@CurrentUser() { userId }: Principal, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.deliveries.retry(userId, id);
  }
}
