import { Module } from '@nestjs/common';
import { PagesModule } from '#libs/pages';
import { PanelAssets } from './panel-assets.js';
import { PanelController } from './panel.controller.js';

/** The administrators' page. */
@Module({ imports: [PagesModule], controllers: [PanelController], providers: [PanelAssets] })
export class PanelModule {}
