import {
  Body,
  Controller,
  Get,
  Header,
  Headers,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  StreamableFile,
} from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { DomainError } from '#libs/errors';
import { UuidPipe } from '#libs/http';
import { ListQueryDto } from '../lists/list.dto.js';
import type { Audience } from './audience.js';
import {
  AudienceSizeDto,
  CampaignDto,
  CampaignListDto,
  CountAudienceDto,
  CreateCampaignDto,
  PreviewCampaignDto,
  PreviewListDto,
} from './campaign.dto.js';
import { CampaignResults } from './campaign-results.service.js';
import { CampaignView } from './campaign-view.service.js';
import { CampaignsService } from './campaigns.service.js';

const REQUEST_KEY = /^[\x21-\x7e]{1,200}$/;

/** Writing campaigns and looking at them, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: campaigns')
@Controller('admin/campaigns')
export class CampaignsController {
  constructor(
    private readonly campaigns: CampaignsService,
    private readonly view: CampaignView,
    private readonly results: CampaignResults,
  ) {}

  /** A request that is repeated with its `Idempotency-Key` makes one campaign. */
  @Post()
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  createCampaign(
    @CurrentUser() user: Principal,
    @Body() body: CreateCampaignDto,
    @Headers('idempotency-key') key?: string,
  ): Promise<CampaignDto> {
    if (key !== undefined && !REQUEST_KEY.test(key)) {
      throw new DomainError(
        'request.idempotency_key_invalid',
        'invalid',
        'Idempotency-Key must be 1 to 200 visible characters.',
      );
    }
    return this.campaigns.create(user.userId, body, key);
  }

  /** Changes a draft. */
  @Put(':id')
  updateCampaign(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() body: CreateCampaignDto,
  ): Promise<CampaignDto> {
    return this.campaigns.update(user.userId, id, body);
  }

  /** Nothing is saved or sent. */
  @Post('preview')
  @HttpCode(200)
  previewCampaign(@Body() { content }: PreviewCampaignDto): PreviewListDto {
    return this.campaigns.preview(content);
  }

  /** Nothing is saved or sent. */
  @Post('count')
  @HttpCode(200)
  countAudience(@Body() { audience }: CountAudienceDto): Promise<AudienceSizeDto> {
    return this.campaigns.count(audience as Audience);
  }

  /** Newest first. */
  @Get()
  listCampaigns(@Query() query: ListQueryDto): Promise<CampaignListDto> {
    return this.campaigns.list(query);
  }

  /** One campaign with its texts, its audience and its progress. */
  @Get(':id')
  getCampaign(@Param('id', UuidPipe) id: string): Promise<CampaignDto> {
    return this.view.get(id);
  }

  /** What became of every message. */
  @Get(':id/results.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="results.csv"')
  async getResults(@Param('id', UuidPipe) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.results.csv(id), { type: 'text/csv; charset=utf-8' });
  }
}
