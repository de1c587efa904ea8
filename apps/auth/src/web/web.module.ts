import { Controller, Get, Header, Module } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { PagesModule } from '#libs/pages';
import { CLEAN_ADDRESS_SCRIPT } from './form.js';
import { RefreshCookie } from './refresh-cookie.service.js';

@Public()
@ApiExcludeController()
@Controller()
class AssetsController {
  @Get(CLEAN_ADDRESS_SCRIPT)
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, max-age=3600')
  cleanAddress(): string {
    return 'history.replaceState(null, "", location.pathname);\n';
  }
}

/** The shared style sheet, auth's own script, cookies. */
@Module({
  imports: [PagesModule],
  controllers: [AssetsController],
  providers: [RefreshCookie],
  exports: [RefreshCookie],
})
export class WebModule {}
