import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { TestResultDto } from '../mail/test-result.dto.js';
import {
  ApproveCampaignDto,
  CampaignDto,
  ScheduleCampaignDto,
  StartCampaignDto,
  TestCampaignDto,
} from './campaign.dto.js';
import { CampaignLifecycle } from './campaign-lifecycle.service.js';
import { CampaignTest } from './campaign-test.service.js';

/** Starting and stopping campaigns, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: campaigns')
@Controller('admin/campaigns/:id')
export class CampaignLifecycleController {
  constructor(
    private readonly lifecycle: CampaignLifecycle,
    private readonly tests: CampaignTest,
  ) {}

  /** Sends it now; a large one waits for a second administrator. */
  @Post('start')
  @HttpCode(202)
  startCampaign(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() body?: StartCampaignDto,
  ): Promise<CampaignDto> {
    return this.lifecycle.start(user.userId, id, body?.confirm === true);
  }

  /** Sends it at a time to come. */
  @Post('schedule')
  @HttpCode(202)
  scheduleCampaign(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() { startAt }: ScheduleCampaignDto,
  ): Promise<CampaignDto> {
    return this.lifecycle.schedule(user.userId, id, startAt);
  }

  /** By an administrator who has written nothing of it. */
  @Post('approve')
  @HttpCode(200)
  approveCampaign(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() body?: ApproveCampaignDto,
  ): Promise<CampaignDto> {
    return this.lifecycle.approve(user.userId, id, body?.revision);
  }

  /** Stops sending; what is in hand is finished. */
  @Post('pause')
  @HttpCode(202)
  pauseCampaign(@Param('id', UuidPipe) id: string): Promise<CampaignDto> {
    return this.lifecycle.pause(id);
  }

  /** Goes on where it was paused. */
  @Post('resume')
  @HttpCode(202)
  resumeCampaign(@Param('id', UuidPipe) id: string): Promise<CampaignDto> {
    return this.lifecycle.resume(id);
  }

  /** What has not been sent is skipped; a scheduled campaign becomes a draft again. */
  @Post('cancel')
  @HttpCode(202)
  cancelCampaign(@Param('id', UuidPipe) id: string): Promise<CampaignDto> {
    return this.lifecycle.cancel(id);
  }

  /** Sends the failed messages again, and no others. */
  @Post('retry-failed')
  @HttpCode(202)
  retryFailed(@Param('id', UuidPipe) id: string): Promise<CampaignDto> {
    return this.lifecycle.retryFailed(id);
  }

  /** One mail to yourself. */
  @Post('test')
  @HttpCode(200)
  testCampaign(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() { locale }: TestCampaignDto,
  ): Promise<TestResultDto> {
    return this.tests.send(user.userId, id, locale);
  }
}
