import { html } from 'ghtml';
import { type Language, page } from '../core/page.ts';
import type { GoogleAccount } from './accounts.ts';
import type { Interaction } from './grants.ts';

const WORDS = {
  en: {
    choose: 'Choose an account',
    toContinue: 'to continue to',
    other: 'Use another account',
    email: 'E-mail',
    name: 'Name',
    next: 'Next',
    cancel: 'Cancel',
    badEmail: 'Enter a valid e-mail address.',
    consent: 'wants to know',
    scopes: 'your name, e-mail address, language and profile picture',
    allow: 'Continue',
    error: 'Access blocked: authorization error',
  },
  ru: {
    choose: 'Выберите аккаунт',
    toContinue: 'чтобы перейти в приложение',
    other: 'Другой аккаунт',
    email: 'Эл. почта',
    name: 'Имя',
    next: 'Далее',
    cancel: 'Отмена',
    badEmail: 'Введите адрес почты полностью.',
    consent: 'хочет узнать',
    scopes: 'ваше имя, адрес почты, язык и фотографию профиля',
    allow: 'Продолжить',
    error: 'Доступ закрыт: ошибка авторизации',
  },
};

const hidden = (interaction: Interaction): string =>
  html`<input type="hidden" name="interaction" value="${interaction.id}" />`;

/** "Choose an account", with a form for any other address. */
export function chooserMarkup(
  language: Language,
  interaction: Interaction,
  accounts: readonly GoogleAccount[],
  client: string,
  badEmail = false,
): string {
  const words = WORDS[language];
  const body = html`<h1>${words.choose}</h1>
    <p>${words.toContinue} <code>${client}</code></p>
    <form method="post" action="/signin?lang=${language}">
      !${hidden(interaction)}
      <ul class="choices">
        !${accounts.map(
          (account) =>
            html`<li>
              <button name="account" value="${account.sub}">
                ${account.name} - ${account.email} <span class="quiet">(${account.note[language]})</span>
              </button>
            </li>`,
        )}
      </ul>
      <div class="actions"><button name="cancel" value="1">${words.cancel}</button></div>
    </form>
    <h2>${words.other}</h2>
    !${badEmail ? html`<p class="problem" role="alert">${words.badEmail}</p>` : ''}
    <form method="post" action="/signin?lang=${language}">
      !${hidden(interaction)}
      <label for="email">${words.email}</label>
      <input id="email" name="email" type="email" required autocomplete="off" />
      <label for="name">${words.name}</label>
      <input id="name" name="name" autocomplete="off" />
      <div class="actions"><button class="main">${words.next}</button></div>
    </form>`;
  return page(language, words.choose, body);
}

/** What the application asks for; allow or cancel. */
export function consentMarkup(language: Language, interaction: Interaction, account: GoogleAccount): string {
  const words = WORDS[language];
  const body = html`<h1>${interaction.clientId} ${words.consent}: ${words.scopes}</h1>
    <p><strong>${account.name}</strong><br />${account.email}</p>
    <form method="post" action="/consent?lang=${language}">
      !${hidden(interaction)}
      <div class="actions">
        <button class="main" name="consent" value="allow">${words.allow}</button>
        <button name="consent" value="cancel">${words.cancel}</button>
      </div>
    </form>`;
  return page(language, words.consent, body);
}

/** Google's own error page, for requests that may not be sent back anywhere. */
export function errorMarkup(language: Language, code: string, message: string): string {
  const { error } = WORDS[language];
  return page(
    language,
    error,
    html`<h1>${error}</h1>
      <p>${message}</p>
      <p><code>${code}</code></p>`,
  );
}
