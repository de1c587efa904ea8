import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { PagesModule } from '#libs/pages';
import { ContactsModule } from '../contacts/contacts.module.js';
import { PreferencesController } from './preferences.controller.js';
import { PreferencesRepository } from './preferences.repository.js';
import { Preferences, PreferencesSchema } from './preferences.schema.js';
import { PreferencesService } from './preferences.service.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

/** What users want. */
@Module({
  imports: [
    ContactsModule,
    PagesModule,
    MongooseModule.forFeature([{ name: Preferences.name, schema: PreferencesSchema }]),
  ],
  controllers: [PreferencesController, UnsubscribeController],
  providers: [PreferencesRepository, PreferencesService],
  exports: [PreferencesRepository, PreferencesService],
})
export class PreferencesModule {}
