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

/** The page plans are bought on, by card in `cardCurrencies`; its script signs in at `authUrl` and sends the order. */
export function subscribePage(
  language: Language,
  plans: readonly PlanDto[],
  cardCurrencies: readonly string[],
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
            <p>!${buttons(plan, 'card', cardCurrencies, language)}</p>
            <p>
              !${buttons(
                plan,
                'balance',
                plan.prices.map((price) => price.currency),
                language,
              )}
            </p>
          </section>`,
      )}`,
  });
}

function buttons(
  plan: PlanDto,
  payWith: 'card' | 'balance',
  currencies: readonly string[],
  language: Language,
): string[] {
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 2 });
  return plan.prices
    .filter(({ currency }) => currencies.includes(currency))
    .map(
      ({ amount, currency }) =>
        html`<button
          type="button"
          data-plan="${plan.id}"
          data-currency="${currency}"
          data-amount="${amount}"
          data-pay-with="${payWith}"
        >
          ${format.format(Number(amount))} ${currency} ${WORDS[language][payWith]}
        </button>`,
    );
}
