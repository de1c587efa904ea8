import type { Clock } from '../core/clock.ts';
import type { Faults } from '../core/faults.ts';
import type { ActivityLog } from '../core/log.ts';
import type { Random } from '../core/random.ts';
import type { Rates } from '../fx/rates.ts';
import type { GoogleWorld } from '../google/world.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { WebhookDispatcher } from '../stripe/webhooks.ts';
import type { StripeWorld } from '../stripe/world.ts';

export interface SandboxUrls {
  control: string;
  stripe: string;
  google: string;
  fx: string;
  mailbox: string;
  smtp: string;
}

/** What the control plane moves and reads. */
export interface ControlWorld {
  readonly options: { controlToken: string };
  readonly urls: SandboxUrls;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly log: ActivityLog;
  readonly stripe: StripeWorld;
  readonly webhooks: WebhookDispatcher;
  readonly google: GoogleWorld;
  readonly rates: Rates;
  readonly mailbox: Mailbox;
  reset(): void;
}
