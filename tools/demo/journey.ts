import { randomUUID } from 'node:crypto';
import { type Administrator, signInAdministrator } from './administrator.ts';
import { call, callJson, type Endpoints, eventually, formOf, must } from './client.ts';
import { mailTo, type Money } from './shapes.ts';
import type {
  Account,
  Campaign,
  Entitlements,
  List,
  Notification,
  Payment,
  Plan,
  Quote,
  Tokens,
  Transaction,
} from './shapes.ts';

/** What the steps tell one another. */
export interface Journey extends Endpoints {
  admin: Administrator;
  email: string;
  password: string;
  token: string;
  /** Empty until the administrator has signed in. */
  adminToken: string;
  accounts: Record<string, string>;
  quote?: Quote;
  topUp?: Payment;
  purchase?: { paymentId: string; checkoutUrl: string };
  campaignTitle: string;
}

/** One step: what is done, and how; the answer is printed beside it. */
export interface Step {
  title: string;
  run(journey: Journey): Promise<string>;
}

/** A journey of a person nobody has seen before. */
export function newJourney(endpoints: Endpoints, admin: Journey['admin']): Journey {
  const id = randomUUID().slice(0, 8);
  return {
    ...endpoints,
    admin,
    email: `viewer-${id}@example.com`,
    password: `a quiet evening ${id}`,
    token: '',
    adminToken: '',
    accounts: {},
    campaignTitle: `A new film is out (${id})`,
  };
}

const GOOD_CARD = { card_number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', name: 'A Viewer' };

/** Pays on the provider's hosted page, as a person would, and follows the redirect back to the product's return page. */
async function payByCard(checkoutUrl: string): Promise<string> {
  const page = await (await call(checkoutUrl)).text();
  const { action, fields } = formOf(page, checkoutUrl);
  const paid = await call(action, {
    method: 'POST',
    form: { ...fields, ...GOOD_CARD, email: fields.email || 'viewer@example.com', action: 'pay' },
    redirect: 'manual',
    status: 303,
  });
  const returnUrl = paid.headers.get('location');
  must(returnUrl, 'the checkout page should send the browser back to the product');
  await call(returnUrl);
  return returnUrl;
}

const show = (money: Money): string => `${money.amount} ${money.currency}`;

/** Messages group thousands for their reader; figures are compared without. */
const plain = (text: string): string => text.replaceAll(/(?<=\d)[,\s](?=\d{3})/g, '');

/** The main job, in order. */
export const steps: readonly Step[] = [
  {
    title: 'sign up',
    async run({ auth, email, password }) {
      await call(`${auth}/auth/register`, { method: 'POST', status: 202, body: { email, password, locale: 'en' } });
      return email;
    },
  },
  {
    title: 'the verification mail arrives; its page confirms the address',
    async run(journey) {
      const mail = await eventually('a verification mail should arrive', () =>
        mailTo(journey, journey.email, /verify-email/),
      );
      const link = /https?:\/\/\S+\/auth\/verify-email\?token=[\w-]+/.exec(mail.text)?.[0];
      must(link, 'the mail should hold a link to the verification page');
      const { action, fields } = formOf(await (await call(link)).text(), link);
      await call(action, { method: 'POST', form: fields });
      return mail.subject;
    },
  },
  {
    title: 'sign in',
    async run(journey) {
      const { auth, email, password } = journey;
      const tokens = await callJson<Tokens>(`${auth}/auth/login`, { method: 'POST', body: { email, password } });
      const again = await callJson<Tokens>(`${auth}/auth/refresh`, {
        method: 'POST',
        body: { refreshToken: tokens.refreshToken },
      });
      journey.token = again.accessToken;
      const me = await callJson<{ emailVerified: boolean; roles: string[] }>(`${auth}/users/me`, {
        token: journey.token,
      });
      must(me.emailVerified, 'the address should be verified');
      return `signed in, refreshed, roles ${me.roles.join(', ')}`;
    },
  },
  {
    title: 'create a profile and open PNT and EUR accounts',
    async run(journey) {
      const { billing, token } = journey;
      await call(`${billing}/profiles`, { method: 'POST', token, body: {}, status: 201 });
      for (const currency of ['PNT', 'EUR']) {
        const account = await callJson<Account>(`${billing}/accounts`, {
          method: 'POST',
          token,
          body: { currency },
          status: 201,
        });
        must(account.balance.amount === '0.00', `a new ${currency} account should be empty`);
        journey.accounts[currency] = account.id;
      }
      return Object.keys(journey.accounts).join(', ');
    },
  },
  {
    title: 'quote 20 EUR into PNT at a fetched rate',
    async run(journey) {
      const body = { from: { amount: '20.00', currency: 'EUR' }, to: 'PNT' };
      journey.quote = await callJson<Quote>(`${journey.billing}/quotes`, {
        method: 'POST',
        token: journey.token,
        body,
        status: 201,
      });
      must(Number(journey.quote.amountOut.amount) > 0, 'the quote should give points');
      return `${show(journey.quote.amountIn)} -> ${show(journey.quote.amountOut)}`;
    },
  },
  {
    title: 'top up: start a checkout',
    async run(journey) {
      journey.topUp = await callJson<Payment>(`${journey.billing}/top-ups`, {
        method: 'POST',
        token: journey.token,
        headers: { 'idempotency-key': randomUUID() },
        body: { quoteId: journey.quote!.id },
        status: 201,
      });
      return journey.topUp.checkoutUrl;
    },
  },
  {
    title: 'pay with card 4242 on the hosted page',
    async run(journey) {
      return `back at ${await payByCard(journey.topUp!.checkoutUrl)}`;
    },
  },
  {
    title: 'the signed webhook settles it in the ledger',
    async run(journey) {
      const { billing, token, quote } = journey;
      await eventually('the top-up should succeed', async () => {
        const topUp = await callJson<Payment>(`${billing}/top-ups/${journey.topUp!.id}`, { token });
        return topUp.status === 'succeeded';
      });
      const account = await callJson<Account>(`${billing}/accounts/${journey.accounts.PNT}`, { token });
      must(
        account.balance.amount === quote!.amountOut.amount,
        `the balance should be ${show(quote!.amountOut)}, not ${show(account.balance)}`,
      );
      return `balance ${show(account.balance)}`;
    },
  },
  {
    title: 'the transaction appears in the history',
    async run({ billing, token, accounts, quote }) {
      const found = await eventually('the top-up should appear in the history', async () => {
        const { items } = await callJson<List<Transaction>>(`${billing}/transactions`, { token });
        return items.filter(({ accountId }) => accountId === accounts.PNT)[0];
      });
      must(found.amount.amount === quote!.amountOut.amount, `the history should say ${show(quote!.amountOut)}`);
      return `${found.kind}: ${show(found.amount)}`;
    },
  },
  {
    title: 'a receipt reaches the inbox and the mailbox',
    async run(journey) {
      const { notification, token, email } = journey;
      const { amount } = journey.quote!.amountOut;
      const receipt = await eventually('a receipt should reach the inbox', async () => {
        const { items } = await callJson<List<Notification>>(`${notification}/notifications`, { token });
        return items.find(({ body }) => plain(body).includes(amount));
      });
      const mail = await eventually('a receipt should reach the mailbox', () => mailTo(journey, email, /^Receipt/));
      must(plain(mail.text).includes(amount), `the mail should name ${amount}`);
      return receipt.title;
    },
  },
  {
    title: 'buy a 3-month subscription through the checkout',
    async run(journey) {
      const { billing, token } = journey;
      const plans = await callJson<List<Plan>>(`${billing}/plans`, { token });
      const plan = plans.items.find(({ termMonths }) => termMonths === 3);
      must(plan, 'there should be a plan of 3 months');
      journey.purchase = await callJson<{ paymentId: string; checkoutUrl: string }>(
        `${billing}/subscriptions/checkout`,
        {
          method: 'POST',
          token,
          headers: { 'idempotency-key': randomUUID() },
          body: { planId: plan.id, currency: 'EUR', payWith: 'card' },
          status: 201,
        },
      );
      await payByCard(journey.purchase.checkoutUrl);
      return `${plan.name}, ${plan.termMonths} months`;
    },
  },
  {
    title: 'the entitlement says so',
    async run({ billing, token }) {
      const until = await eventually('the entitlement should become active', async () => {
        const { items } = await callJson<Entitlements>(`${billing}/entitlements/me`, { token });
        return items.find(({ activeUntil }) => activeUntil !== null)?.activeUntil ?? undefined;
      });
      const days = (Date.parse(until) - Date.now()) / 86_400_000;
      must(days > 88 && days < 93, `three months should end in about 90 days, not ${days.toFixed(1)}`);
      return `until ${until}`;
    },
  },
  {
    title: 'an administrator sends "a new film is out" to all users',
    async run(journey) {
      const { auth, notification, admin, campaignTitle } = journey;
      const token = (journey.adminToken ||= (await signInAdministrator(auth, admin)).accessToken);
      const body = {
        name: campaignTitle,
        channels: ['inbox', 'email'],
        audience: { type: 'all' },
        content: {
          en: { subject: campaignTitle, body: 'Watch it tonight.' },
          ru: { subject: `Вышел новый фильм (${campaignTitle})`, body: 'Посмотрите его сегодня.' },
        },
      };
      const draft = await callJson<Campaign>(`${notification}/admin/campaigns`, {
        method: 'POST',
        token,
        body,
        status: 201,
      });
      await call(`${notification}/admin/campaigns/${draft.id}/start`, {
        method: 'POST',
        token,
        body: { confirm: true },
        status: 202,
      });
      const done = await eventually('the campaign should finish', async () => {
        const campaign = await callJson<Campaign>(`${notification}/admin/campaigns/${draft.id}`, { token });
        return campaign.status === 'done' && campaign;
      });
      return `sent ${done.progress.sent} of ${done.progress.total}`;
    },
  },
  {
    title: 'it arrives in the inbox and the mailbox, once',
    async run(journey) {
      const { notification, token, email, campaignTitle } = journey;
      const mine = await eventually('the message should reach the inbox', async () => {
        const { items } = await callJson<List<Notification>>(`${notification}/notifications`, { token });
        const found = items.filter(({ title }) => title === campaignTitle);
        return found.length > 0 && found;
      });
      must(mine.length === 1, `the message should arrive once, not ${mine.length} times`);
      const mail = await eventually('the message should reach the mailbox', () =>
        mailTo(journey, email, /Watch it tonight/),
      );
      return mail.subject;
    },
  },
];
