import { Controller, Get, Header, Module } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { STYLE_SHEET } from './style.js';

/** Serves the shared style sheet. */
@Public()
@ApiExcludeController()
@Controller('assets')
class PagesController {
  @Get('pages.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  styleSheet(): string {
    return STYLE_SHEET;
  }
}

/** Import it into an app that shows pages. */
@Module({ controllers: [PagesController] })
export class PagesModule {}
