import { Global, Module } from '@nestjs/common';
import { CurrenciesService } from './currencies.service.js';

/** Currencies, for every feature. */
@Global()
@Module({ providers: [CurrenciesService], exports: [CurrenciesService] })
export class MoneyModule {}
