import { Module } from '@nestjs/common';
import { RatesModule } from '../rates/rates.module.js';
import { QuotesController } from './quotes.controller.js';
import { QuotesRepository } from './quotes.repository.js';
import { QuotesService } from './quotes.service.js';

@Module({
  imports: [RatesModule],
  controllers: [QuotesController],
  providers: [QuotesRepository, QuotesService],
  exports: [QuotesService],
})
export class QuotesModule {}
