import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import {
  DeadLetterDto,
  DeadLetterListDto,
  DeadLetterQueueListDto,
  DealtWithDto,
  DiscardDeadLettersDto,
  ListDeadLettersDto,
} from './dead-letter.dto.js';
import { DeadLettersAdminService } from './dead-letters-admin.service.js';
import { DeadLettersService } from './dead-letters.service.js';

/** Messages from other services that this one could not deal with. */
@ApiTags('admin: dead letters')
@Roles('admin', 'super_user')
@Controller('admin/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLettersService,
    private readonly admin: DeadLettersAdminService,
  ) {}

  /** How many there are of each consumer. */
  @Get()
  async listDeadLetterQueues(): Promise<DeadLetterQueueListDto> {
    return { items: await this.deadLetters.list() };
  }

  /** Oldest first. 409 while another administrator works on them. */
  @Get(':consumer')
  async listDeadLetters(
    @Param('consumer') consumer: string,
    @Query() { limit, cursor }: ListDeadLettersDto,
  ): Promise<DeadLetterListDto> {
    const { letters, nextCursor } = await this.admin.page(consumer, limit, cursor);
    return { items: letters.map(({ headers: _headers, body: _body, ...summary }) => summary), nextCursor };
  }

  /** What it says and why it is here. */
  @Get(':consumer/:id')
  showDeadLetter(@Param('consumer') consumer: string, @Param('id') id: string): Promise<DeadLetterDto> {
    return this.admin.find(consumer, id);
  }

  /** Puts them back into their queue, the oldest thousand at a time; what took effect before takes none again. */
  @Post(':consumer/redrive')
  @HttpCode(200)
  async redriveDeadLetters(
    @CurrentUser() { userId }: Principal,
    @Param('consumer') consumer: string,
  ): Promise<DealtWithDto> {
    return { messages: await this.admin.redrive(userId, consumer) };
  }

  /** Puts one back into its queue; what took effect before takes none again. */
  @Post(':consumer/:id/redrive')
  @HttpCode(200)
  async redriveDeadLetter(
    @CurrentUser() { userId }: Principal,
    @Param('consumer') consumer: string,
    @Param('id') id: string,
  ): Promise<DealtWithDto> {
    return { messages: await this.admin.redrive(userId, consumer, id) };
  }

  /** Removes them for good, the oldest thousand at a time. */
  @Roles('super_user')
  @Post(':consumer/discard')
  @HttpCode(200)
  async discardDeadLetters(
    @CurrentUser() { userId }: Principal,
    @Param('consumer') consumer: string,
    @Body() { reason }: DiscardDeadLettersDto,
  ): Promise<DealtWithDto> {
    return { messages: await this.admin.discard(userId, consumer, reason) };
  }

  /** Removes one for good. */
  @Roles('super_user')
  @Post(':consumer/:id/discard')
  @HttpCode(200)
  async discardDeadLetter(
    @CurrentUser() { userId }: Principal,
    @Param('consumer') consumer: string,
    @Param('id') id: string,
    @Body() { reason }: DiscardDeadLettersDto,
  ): Promise<DealtWithDto> {
    return { messages: await this.admin.discard(userId, consumer, reason, id) };
  }
}
