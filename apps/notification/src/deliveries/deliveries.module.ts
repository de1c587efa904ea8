import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/audit.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { PersonalData } from '../contacts/personal-data.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveriesService } from './deliveries.service.js';
import { Delivery, DeliverySchema } from './delivery.schema.js';

/** What was or is to be sent to whom. */
@Module({
  imports: [AuditModule, ContactsModule, MongooseModule.forFeature([{ name: Delivery.name, schema: DeliverySchema }])],
  controllers: [DeliveriesController],
  providers: [DeliveriesRepository, DeliveriesService],
  exports: [DeliveriesRepository],
})
export class DeliveriesModule implements OnModuleInit {
  constructor(
    private readonly personalData: PersonalData,
    private readonly deliveries: DeliveriesRepository,
  ) {}

  onModuleInit(): void {
    this.personalData.add({ erase: (userId) => this.deliveries.eraseOf(userId) });
  }
}
