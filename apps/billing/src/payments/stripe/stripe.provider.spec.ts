import Stripe from 'stripe';
import { describe, expect, it, vi } from 'vitest';
import type { BillingConfig } from '../../billing.config.js';
import { StripeProvider } from './stripe.provider.js';

const config = { STRIPE_SECRET_KEY: 'sk_test_unit', STRIPE_CHARGE_CURRENCIES: ['usd', 'RUB', 'eur'] } as BillingConfig;

/** A provider whose account is in a country that may charge these currencies. */
function providerOf(currencies: string[]) {
  const provider = new StripeProvider(config);
  const { stripe } = provider as unknown as { stripe: Stripe };
  const account = vi
    .spyOn(stripe.accounts, 'retrieveCurrent')
    .mockResolvedValue({ object: 'account', country: 'DE' } as never);
  vi.spyOn(stripe.countrySpecs, 'retrieve').mockResolvedValue({
    object: 'country_spec',
    supported_payment_currencies: currencies,
  } as never);
  return { provider, account };
}

describe('the currencies that can be charged', () => {
  it('are those that are configured and that the account may charge, in the order they are configured', async () => {
    expect(await providerOf(['eur', 'gbp', 'usd']).provider.chargeable()).toEqual(['USD', 'EUR']);
  });

  it('are those that are configured when the key may not read the account', async () => {
    const { provider, account } = providerOf(['eur']);
    account.mockRejectedValue(
      new Stripe.errors.StripePermissionError({ message: 'no', type: 'invalid_request_error' }),
    );
    expect(await provider.chargeable()).toEqual(['USD', 'RUB', 'EUR']);
  });

  it('are asked for again when the provider could not be reached', async () => {
    const { provider, account } = providerOf(['eur']);
    account.mockRejectedValueOnce(new Stripe.errors.StripeConnectionError({ message: 'away', type: 'api_error' }));
    await expect(provider.chargeable()).rejects.toMatchObject({ code: 'service.unavailable' });
    expect(await provider.chargeable()).toEqual(['EUR']);
  });
});
