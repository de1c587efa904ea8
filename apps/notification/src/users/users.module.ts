import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Users' message history. */
@Module({
  imports: [AuditModule, ContactsModule, DeliveriesModule, InboxModule],
  controllers: [UsersController],
  providers: [UsersService],
})
export class UsersModule {}
