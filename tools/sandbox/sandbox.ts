import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { controlRoutes } from './control/server.ts';
import type { ControlWorld, SandboxUrls } from './control/world.ts';
import { Clock } from './core/clock.ts';
import { Faults } from './core/faults.ts';
import { buildServer } from './core/http.ts';
import { Journal } from './core/journal.ts';
import { ActivityLog } from './core/log.ts';
import { Random } from './core/random.ts';
import { Rates } from './fx/rates.ts';
import { FX_FAULTS, fxRoutes } from './fx/server.ts';
import { GoogleAccounts } from './google/accounts.ts';
import { Grants } from './google/grants.ts';
import { SigningKey } from './google/keys.ts';
import { GOOGLE_FAULTS, googleRoutes } from './google/server.ts';
import type { GoogleWorld } from './google/world.ts';
import { Mailbox } from './mail/mailbox.ts';
import { mailboxRoutes } from './mail/mailbox-page.ts';
import { MAIL_FAULTS, smtpServer } from './mail/smtp.ts';
import type { SandboxOptions } from './options.ts';
import { DueWork } from './stripe/due.ts';
import { STRIPE_FAULTS, stripeRoutes } from './stripe/server.ts';
import { WebhookDispatcher } from './stripe/webhooks.ts';
import { StripeWorld } from './stripe/world.ts';

const CATALOGUE = { stripe: STRIPE_FAULTS, google: GOOGLE_FAULTS, fx: FX_FAULTS, mail: MAIL_FAULTS };

/** All doubles in one process, sharing one state, one clock and one set of faults. */
export class Sandbox implements ControlWorld {
  readonly options: SandboxOptions;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly log = new ActivityLog();
  readonly urls: SandboxUrls = { control: '', stripe: '', google: '', fx: '', mailbox: '', smtp: '' };
  readonly stripe: StripeWorld;
  readonly webhooks: WebhookDispatcher;
  readonly google: GoogleWorld;
  readonly rates: Rates;
  readonly mailbox: Mailbox;
  readonly #due: DueWork;
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor(options: SandboxOptions) {
    this.options = options;
    this.journal = new Journal(options.stateDir);
    this.clock = new Clock(this.journal);
    this.random = new Random(options.seed);
    this.faults = new Faults(this.journal, this.random, CATALOGUE);
    this.stripe = new StripeWorld(this.journal, this, {
      currencies: options.stripe.currencies,
      asyncSeconds: options.stripe.asyncSeconds,
      publicUrl: () => this.urls.stripe,
    });
    const { webhookUrl: url, webhookSecret: secret, retrySeconds, retryFactor, timeoutMs } = options.stripe;
    this.webhooks = new WebhookDispatcher(this.stripe, { url, secret, retrySeconds, retryFactor, timeoutMs });
    this.google = {
      accounts: new GoogleAccounts(this.journal),
      grants: new Grants(this.journal, this.clock),
      key: new SigningKey(this.journal),
      clock: this.clock,
      faults: this.faults,
      issuer: () => this.urls.google,
      settings: options.google,
    };
    this.rates = new Rates(this.journal, this.clock, options.seed);
    this.mailbox = new Mailbox(this.journal, options.mail.keep);
    this.#due = new DueWork(this.stripe);
  }

  /** Opens every port; resolves when all of them answer. */
  async start(): Promise<this> {
    try {
      const { ports, publicUrls, fx } = this.options;
      const { faults, rates, mailbox, log } = this;
      const smtp = smtpServer({ mailbox, faults, log, now: () => this.clock.now() });
      this.#closers.push(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
      this.urls.smtp = `smtp://${await listening(smtp.listen(ports.smtp, this.options.host), this.options.host)}`;
      this.urls.stripe = await this.#serve('stripe', ports.stripe, publicUrls.stripe, (app) =>
        stripeRoutes(app, this.stripe, this.webhooks),
      );
      this.urls.google = await this.#serve('google', ports.google, publicUrls.google, (app) =>
        googleRoutes(app, this.google),
      );
      this.urls.fx = await this.#serve('fx', ports.fx, undefined, (app) =>
        fxRoutes(app, { rates, faults, apiKey: fx.apiKey }),
      );
      this.urls.mailbox = await this.#serve('mailbox', ports.mailbox, publicUrls.mailbox, (app) =>
        mailboxRoutes(app, mailbox),
      );
      this.urls.control = await this.#serve('control', ports.control, undefined, (app) => controlRoutes(app, this));
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#due.run();
    this.webhooks.resume();
    return this;
  }

  /** Forgets everything that happened; accounts are as seeded again. */
  reset(): void {
    this.journal.clear();
    this.log.clear();
    this.random.reseed(this.options.seed);
    this.google.accounts.seed();
  }

  async close(): Promise<void> {
    this.webhooks.stop();
    this.#due.stop();
    await Promise.allSettled(this.#closers.map((close) => close()));
    this.journal.close();
  }

  async #serve(
    name: string,
    port: number,
    publicUrl: string | undefined,
    routes: (app: FastifyInstance) => void,
  ): Promise<string> {
    const app = buildServer(name, this.log);
    routes(app);
    this.#closers.push(() => app.close());
    await app.listen({ host: this.options.host, port });
    return publicUrl ?? `http://${addressOf(app.server, this.options.host)}`;
  }
}

async function listening(server: Server, host: string): Promise<string> {
  if (!server.listening) {
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
  }
  return addressOf(server, host);
}

function addressOf(server: Server, host: string): string {
  return `${host}:${(server.address() as AddressInfo).port}`;
}
