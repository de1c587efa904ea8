import { settings, wholeNumber } from '#libs/config';

/** Sizes of the long tests: small in every run, full by their own variable. */
class CampaignSizes extends settings({
  RENEWALS_CAMPAIGN: wholeNumber(
    10,
    1_000_000,
  )({ default: 600, desc: 'Subscriptions renewed while the service is killed' }),
  CUSTOMERS_CAMPAIGN: wholeNumber(20, 10_000)({ default: 40, desc: 'Customers who buy and are refunded, each timed' }),
  SEQUENCES_CAMPAIGN: wholeNumber(5, 1_000_000)({ default: 40, desc: 'Sequences of commands through the API' }),
  HISTORY_CAMPAIGN: wholeNumber(2_000, 10_000_000)({ default: 4_000, desc: 'Postings in the history that is rebuilt' }),
  BANK_CAMPAIGN: wholeNumber(20, 1_000_000)({ default: 400, desc: 'Movements of the bank that is killed' }),
  BANK_KILLS: wholeNumber(1, 10_000)({ default: 4, desc: 'Kills of the bank or one of its stores' }),
  MAIL_CAMPAIGN: wholeNumber(500, 100_000)({ default: 1_500, desc: 'Recipients of the campaign that is killed' }),
  MAIL_KILLS: wholeNumber(4, 1_000)({ default: 6, desc: 'Kills of the campaign or one of its stores' }),
  TIMING_CAMPAIGN: wholeNumber(
    300,
    10_000,
  )({ default: 300, desc: 'Pairs of a known and an unknown address, both timed' }),
  REFRESHES_CAMPAIGN: wholeNumber(50, 100_000)({ default: 200, desc: 'Refreshes that race the end of their session' }),
}) {}

type Campaign =
  | 'RENEWALS_CAMPAIGN'
  | 'CUSTOMERS_CAMPAIGN'
  | 'SEQUENCES_CAMPAIGN'
  | 'HISTORY_CAMPAIGN'
  | 'BANK_CAMPAIGN'
  | 'BANK_KILLS'
  | 'MAIL_CAMPAIGN'
  | 'MAIL_KILLS'
  | 'TIMING_CAMPAIGN'
  | 'REFRESHES_CAMPAIGN';

/** How large a long test is to be: `RENEWALS_CAMPAIGN=10000 npm test renewal-crash` runs that one at full size. */
export function campaignSize(name: Campaign): number {
  return new CampaignSizes()[name];
}
