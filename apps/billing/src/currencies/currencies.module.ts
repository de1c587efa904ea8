import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { CurrenciesController } from './currencies.controller.js';

@Module({ imports: [PaymentsModule], controllers: [CurrenciesController] })
export class CurrenciesModule {}
