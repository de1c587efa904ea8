import { settings, wholeNumber } from '#libs/config';

/** Sizes of the long tests: small in every run, full by their own variable. */
class CampaignSizes extends settings({
  RENEWALS_CAMPAIGN: wholeNumber(
    10,
    1_000_000,
  )({ default: 600, desc: 'Subscriptions renewed while the service is killed' }),
  SEQUENCES_CAMPAIGN: wholeNumber(5, 1_000_000)({ default: 40, desc: 'Sequences of commands through the API' }),
}) {}

/** How large a long test is to be: `RENEWALS_CAMPAIGN=10000 npm test renewal-crash` runs that one at full size. */
export function campaignSize(name: 'RENEWALS_CAMPAIGN' | 'SEQUENCES_CAMPAIGN'): number {
  return new CampaignSizes()[name];
}
