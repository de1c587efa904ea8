import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { BillingConfig } from '../billing.config.js';
import { FetchRatesService } from './fetch-rates.service.js';
import { RatesAdminController } from './rates-admin.controller.js';
import { RatesAdminService } from './rates-admin.service.js';
import { RatesController } from './rates.controller.js';
import { RATES_QUEUE, RatesProcessor } from './rates.processor.js';
import { RatesRepository } from './rates.repository.js';
import { FALLBACK_SOURCE, PRIMARY_SOURCE, RatesService } from './rates.service.js';
import { BankOfRussiaSource } from './sources/bank-of-russia.source.js';
import { ExchangeRateApiSource } from './sources/exchange-rate-api.source.js';

@Module({
  imports: [BullModule.registerQueue({ name: RATES_QUEUE })],
  controllers: [RatesController, RatesAdminController],
  providers: [
    {
      provide: PRIMARY_SOURCE,
      inject: [BillingConfig],
      useFactory: (config: BillingConfig) => new ExchangeRateApiSource(config.FX_PRIMARY_URL, config.FX_API_KEY),
    },
    {
      provide: FALLBACK_SOURCE,
      inject: [BillingConfig],
      useFactory: (config: BillingConfig) => new BankOfRussiaSource(config.FX_FALLBACK_URL),
    },
    RatesRepository,
    RatesService,
    FetchRatesService,
    RatesAdminService,
    RatesProcessor,
  ],
  exports: [RatesService],
})
export class RatesModule {}
