import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { CurrenciesService } from '../money/currencies.service.js';
import { PaymentsService } from '../payments/payments.service.js';
import { CurrencyListDto } from './currency.dto.js';

@ApiTags('currencies')
@Public()
@Controller('currencies')
export class CurrenciesController {
  constructor(
    private readonly currencies: CurrenciesService,
    private readonly payments: PaymentsService,
  ) {}

  /** Every currency, points included. */
  @Get()
  async listCurrencies(): Promise<CurrencyListDto> {
    const [all, chargeable] = await Promise.all([this.currencies.list(), this.payments.chargeable()]);
    const items = all.map(({ code, exponent, kind }) => ({
      code,
      decimals: exponent,
      kind,
      chargeable: chargeable.includes(code),
    }));
    return { items };
  }
}
