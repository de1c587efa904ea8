import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { ListQueryDto } from '../lists/list.dto.js';
import { TestResultDto } from '../mail/test-result.dto.js';
import type { TemplateKey } from '../templates/template.js';
import { TemplateDrafts } from './template-drafts.service.js';
import { TemplateKeyPipe } from './template-key.pipe.js';
import { TemplatePreview } from './template-preview.service.js';
import { TemplatePublishing } from './template-publishing.service.js';
import { TemplateView } from './template-view.service.js';
import {
  DraftRevisionDto,
  PreviewTemplateDto,
  RollBackTemplateDto,
  SaveDraftDto,
  TemplateDto,
  TemplateListDto,
  TemplatePreviewDto,
  TemplateVersionDto,
  TemplateVersionListDto,
} from './template.dto.js';

/** What the service's own messages say, for administrators. */
@Roles('admin', 'super_user')
@ApiTags('admin: templates')
@Controller('admin/templates')
export class TemplatesController {
  constructor(
    private readonly view: TemplateView,
    private readonly drafts: TemplateDrafts,
    private readonly publishing: TemplatePublishing,
    private readonly previews: TemplatePreview,
  ) {}

  /** All templates, with what is sent now and whether there is a draft. */
  @Get()
  listTemplates(): Promise<TemplateListDto> {
    return this.view.list();
  }

  /** One template: what is sent now, the draft, the variables it may use. */
  @Get(':key')
  getTemplate(@Param('key', TemplateKeyPipe) key: TemplateKey): Promise<TemplateDto> {
    return this.view.get(key);
  }

  /** Keeps a draft, finished or not; nothing that is sent changes. */
  @Put(':key/draft')
  async saveTemplateDraft(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() body: SaveDraftDto,
  ): Promise<TemplateDto> {
    await this.drafts.save(userId, key, body);
    return this.view.get(key);
  }

  /** Throws the draft away. */
  @Post(':key/draft/discard')
  @HttpCode(200)
  async discardTemplateDraft(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() { revision }: DraftRevisionDto,
  ): Promise<TemplateDto> {
    await this.drafts.discard(userId, key, revision);
    return this.view.get(key);
  }

  /** Makes the draft what is sent, if nothing is wrong with it. */
  @Post(':key/publish')
  @HttpCode(200)
  async publishTemplate(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() { revision }: DraftRevisionDto,
  ): Promise<TemplateDto> {
    await this.publishing.publish(userId, key, revision);
    return this.view.get(key);
  }

  /** Makes an earlier version what is sent. */
  @Post(':key/roll-back')
  @HttpCode(200)
  async rollBackTemplate(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() body: RollBackTemplateDto,
  ): Promise<TemplateDto> {
    await this.publishing.rollBack(userId, key, body);
    return this.view.get(key);
  }

  /** Newest first, the starter text last. */
  @Get(':key/versions')
  listTemplateVersions(
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Query() query: ListQueryDto,
  ): Promise<TemplateVersionListDto> {
    return this.view.history(key, query);
  }

  /** The texts of one version. */
  @Get(':key/versions/:version')
  getTemplateVersion(
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Param('version', ParseIntPipe) version: number,
  ): Promise<TemplateVersionDto> {
    return this.view.version(key, version);
  }

  /** Nothing is saved or sent. */
  @Post(':key/preview')
  @HttpCode(200)
  previewTemplate(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() body: PreviewTemplateDto,
  ): Promise<TemplatePreviewDto> {
    return this.previews.preview(userId, key, body);
  }

  /** One mail to yourself. */
  @Post(':key/test')
  @HttpCode(200)
  testTemplate(
    @CurrentUser() { userId }: Principal,
    @Param('key', TemplateKeyPipe) key: TemplateKey,
    @Body() body: PreviewTemplateDto,
  ): Promise<TestResultDto> {
    return this.previews.test(userId, key, body);
  }
}
