import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { ListQueryDto } from '../lists/list.dto.js';
import { CampaignDto, CampaignListDto, CreateCampaignDto, PreviewCampaignDto, PreviewListDto } from './campaign.dto.js';
import { CampaignsService } from './campaigns.service.js';

/** Campaigns, for administrators. */
@Roles('admin', 'super_user')
@Controller('admin/campaigns')
export class CampaignsController {
  constructor(private readonly campaigns: CampaignsService) {}

  @Post()
  createCampaign(@CurrentUser() user: Principal, @Body() body: CreateCampaignDto): Promise<CampaignDto> {
    return this.campaigns.create(user.userId, body);
  }

  /** Nothing is saved or sent. */
  @Post('preview')
  @HttpCode(200)
  previewCampaign(@Body() { content }: PreviewCampaignDto): PreviewListDto {
    return this.campaigns.preview(content);
  }

  /** Newest first. */
  @Get()
  listCampaigns(@Query() query: ListQueryDto): Promise<CampaignListDto> {
    return this.campaigns.list(query);
  }

  @Get(':id')
  getCampaign(@Param('id', ParseUUIDPipe) id: string): Promise<CampaignDto> {
    return this.campaigns.get(id);
  }

  @Post(':id/start')
  @HttpCode(202)
  startCampaign(@CurrentUser() user: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<CampaignDto> {
    return this.campaigns.start(user.userId, id);
  }
}
