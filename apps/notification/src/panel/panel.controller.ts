import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { PanelAssets } from './panel-assets.js';
import { panelPage } from './panel.page.js';
import { NotificationConfig } from '../notification.config.js';

/** The page is public, as every sign-in page is; what it shows is not. */
@Public()
@ApiExcludeController()
@Controller('admin')
export class PanelController {
  constructor(
    private readonly config: NotificationConfig,
    private readonly assets: PanelAssets,
  ) {}

  @Get()
  panel(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(PAGE_HEADERS);
    return panelPage(languageOf(request), this.config.AUTH_ISSUER);
  }

  @Get('assets/:name')
  @Header('cache-control', 'public, no-cache')
  asset(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): Buffer {
    const { type, body } = this.assets.find(name);
    void reply.header('content-type', type);
    return body;
  }
}
