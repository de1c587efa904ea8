import type { Clock } from '../core/clock.ts';
import type { Faults } from '../core/faults.ts';
import type { GoogleAccounts } from './accounts.ts';
import type { Grants } from './grants.ts';
import type { SigningKey } from './keys.ts';

/** Everything the Google double knows. */
export interface GoogleWorld {
  accounts: GoogleAccounts;
  grants: Grants;
  key: SigningKey;
  clock: Clock;
  faults: Faults;
  issuer: () => string;
  settings: { clientId: string; clientSecret: string; redirectUris: string[] };
}
