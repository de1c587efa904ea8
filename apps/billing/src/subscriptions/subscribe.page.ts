import { html, type Language, page } from '#libs/pages';
import type { PlanDto } from '../plans/plan.dto.js';

const WORDS = {
  en: {
    title: 'Subscribe',
    months: (count: number) => (count === 1 ? '1 month' : `${count} months`),
    card: 'by card',
    balance: 'from the balance',
    email: 'E-mail',
    password: 'Password',
    signIn: 'Sign in',
    signInFirst: 'Sign in to buy a subscription.',
    bought: 'Bought. Enjoy watching!',
    failed: 'That did not work. Please try again.',
    wrong: 'The e-mail or the password is wrong.',
    poor: 'There is not enough on your balance.',
    repriced: 'The price has changed. Reload the page to see the new one.',
    noScript: 'This page needs JavaScript.',
  },
  ru: {
    title: 'Подписка',
    months: (count: number) => `${count} ${count === 1 ? 'месяц' : count < 5 ? 'месяца' : 'месяцев'}`,
    card: 'картой',
    balance: 'с баланса',
    email: 'Почта',
    password: 'Пароль',
    signIn: 'Войти',
    signInFirst: 'Войдите, чтобы купить подписку.',
    bought: 'Куплено. Приятного просмотра!',
    failed: 'Не получилось. Попробуйте ещё раз.',
    wrong: 'Неверная почта или пароль.',
    poor: 'На балансе не хватает денег.',
    repriced: 'Цена изменилась. Обновите страницу, чтобы увидеть новую.',
    noScript: 'Этой странице нужен JavaScript.',
  },
} as const satisfies Record<Language, object>;

/** How a price can be paid. */
export interface WayToPay {
  currency: string;
  payWith: 'card' | 'balance';
}

/** The page plans are bought on; its script signs in at `authUrl` and sends the order. */
export function subscribePage(
  language: Language,
  plans: readonly PlanDto[],
  ways: readonly WayToPay[],
  authUrl: string,
): string {
  const words = WORDS[language];
  const { bought, failed, wrong, poor, repriced, signInFirst } = words;
  return page({
    language,
    title: words.title,
    scripts: ['/subscribe/page.js'],
    body: html`<h1>${words.title}</h1>
      <noscript><p role="alert">${words.noScript}</p></noscript>
      <p
        id="said"
        role="status"
        data-words="${JSON.stringify({ bought, failed, wrong, poor, repriced, signInFirst })}"
      ></p>
      <form id="sign-in" data-auth-url="${authUrl}" hidden>
        <label>${words.email} <input name="email" type="email" autocomplete="username" required /></label>
        <label
          >${words.password} <input name="password" type="password" autocomplete="current-password" required
        /></label>
        <button type="submit">${words.signIn}</button>
      </form>
      !${plans.map(
        (plan) =>
          html`<section>
            <h2>${plan.productName} ${plan.name}, ${words.months(plan.termMonths)}</h2>
            <p>!${buttons(plan, ways, language)}</p>
          </section>`,
      )}`,
  });
}

function buttons(plan: PlanDto, ways: readonly WayToPay[], language: Language): string[] {
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 2 });
  return ways.flatMap(({ currency, payWith }) => {
    const price = plan.prices.find((candidate) => candidate.currency === currency);
    if (!price) return [];
    return [
      html`<button
        type="button"
        data-plan="${plan.id}"
        data-currency="${currency}"
        data-amount="${price.amount}"
        data-pay-with="${payWith}"
      >
        ${format.format(Number(price.amount))} ${currency} ${WORDS[language][payWith]}
      </button>`,
    ];
  });
}
