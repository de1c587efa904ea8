import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { Contact, ContactSchema } from './contact.schema.js';
import { ContactsConsumer } from './contacts.consumer.js';
import { ContactsRepository } from './contacts.repository.js';
import { PersonalData } from './personal-data.js';

/** The projection of users. */
@Module({
  imports: [MongooseModule.forFeature([{ name: Contact.name, schema: ContactSchema }])],
  controllers: [ContactsConsumer],
  providers: [ContactsRepository, PersonalData],
  exports: [ContactsRepository, PersonalData],
})
export class ContactsModule {}
