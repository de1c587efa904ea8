import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { MailModule } from '../mail/mail.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { CampaignBatch } from './campaign-batch.service.js';
import { CampaignLifecycleController } from './campaign-lifecycle.controller.js';
import { CampaignLifecycle } from './campaign-lifecycle.service.js';
import { CampaignProcessor } from './campaign.processor.js';
import { CampaignResults } from './campaign-results.service.js';
import { CampaignRunner } from './campaign-runner.service.js';
import { Campaign, CampaignSchema } from './campaign.schema.js';
import { CampaignSnapshot } from './campaign-snapshot.service.js';
import { CampaignTest } from './campaign-test.service.js';
import { CampaignView } from './campaign-view.service.js';
import { CAMPAIGN_QUEUE, CampaignWaker } from './campaign-waker.service.js';
import { CampaignsController } from './campaigns.controller.js';
import { CampaignsRepository } from './campaigns.repository.js';
import { CampaignsService } from './campaigns.service.js';

/** Messages to many. */
@Module({
  imports: [
    ContactsModule,
    DeliveriesModule,
    InboxModule,
    MailModule,
    RecipientsModule,
    MongooseModule.forFeature([{ name: Campaign.name, schema: CampaignSchema }]),
    // Bull's own half a minute would be how long a campaign stands still after its runner was killed.
    BullModule.registerQueue({
      name: CAMPAIGN_QUEUE,
      settings: { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1_000 },
    }),
  ],
  controllers: [CampaignsController, CampaignLifecycleController],
  providers: [
    CampaignsRepository,
    CampaignsService,
    CampaignView,
    CampaignLifecycle,
    CampaignTest,
    CampaignResults,
    CampaignSnapshot,
    CampaignBatch,
    CampaignRunner,
    CampaignWaker,
    CampaignProcessor,
  ],
})
export class CampaignsModule {}
