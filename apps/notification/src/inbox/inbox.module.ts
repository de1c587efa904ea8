import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ContactsModule } from '../contacts/contacts.module.js';
import { InboxArrivals } from './inbox-arrivals.service.js';
import { InboxController } from './inbox.controller.js';
import { InboxRepository } from './inbox.repository.js';
import { InboxStreams } from './inbox-streams.service.js';
import { InboxService } from './inbox.service.js';
import { Notification, NotificationSchema } from './notification.schema.js';

/** The users' inbox. */
@Module({
  imports: [ContactsModule, MongooseModule.forFeature([{ name: Notification.name, schema: NotificationSchema }])],
  controllers: [InboxController],
  providers: [InboxArrivals, InboxRepository, InboxService, InboxStreams],
  exports: [InboxRepository],
})
export class InboxModule {}
