import { html, type Language, page } from '#libs/pages';
import { PASSWORD_LENGTH } from '../passwords/password-policy.js';
import { CLEAN_ADDRESS_SCRIPT } from '../web/form.js';

const { min, max } = PASSWORD_LENGTH;

const TEXTS = {
  en: {
    title: 'Set a new password',
    label: `New password, at least ${min} characters`,
    button: 'Set the password',
    done: 'The new password is set',
    doneLead: 'You were signed out everywhere. Sign in with the new password.',
    signIn: 'Sign in',
    unknown: 'That did not work. Please try again.',
    problems: {
      'auth.link_invalid': 'This link does not work any more. Please ask for a new one.',
      'service.busy': 'Too many people are here right now. Please try again.',
      too_short: `The password needs at least ${min} characters.`,
      too_long: `The password may have at most ${max} characters.`,
      too_common: 'Too many people use this password.',
      too_simple: 'The password repeats the same few characters.',
      names_the_account: 'The password is your own address.',
      breached: 'This password is known from a breach of another service. Please choose another one.',
    } as Record<string, string>,
  },
  ru: {
    title: 'Новый пароль',
    label: `Новый пароль, не короче ${min} символов`,
    button: 'Сохранить пароль',
    done: 'Новый пароль сохранён',
    doneLead: 'Вы вышли на всех устройствах. Войдите с новым паролем.',
    signIn: 'Войти',
    unknown: 'Не получилось. Попробуйте ещё раз.',
    problems: {
      'auth.link_invalid': 'Ссылка больше не действует. Запросите новую.',
      'service.busy': 'Сейчас слишком много посетителей. Попробуйте ещё раз.',
      too_short: `Пароль должен быть не короче ${min} символов.`,
      too_long: `Пароль должен быть не длиннее ${max} символов.`,
      too_common: 'Такой пароль слишком распространён.',
      too_simple: 'В пароле повторяются одни и те же символы.',
      names_the_account: 'Пароль совпадает с вашим адресом.',
      breached: 'Этот пароль известен из утечки другого сервиса. Выберите другой.',
    } as Record<string, string>,
  },
} as const;

/** The page with the one field for a new password. */
export function resetPage({
  language,
  token,
  problem,
}: {
  language: Language;
  token: string;
  problem?: string;
}): string {
  const text = TEXTS[language];
  const message = problem && (text.problems[problem] ?? text.unknown);
  const body = html`<h1>${text.title}</h1>
    !${message ? html`<p role="alert">${message}</p>` : ''}
    <form method="post" action="/auth/password/reset?lang=${language}">
      <input type="hidden" name="token" value="${token}" />
      <label
        >${text.label}<input name="password" type="password" autocomplete="new-password" required minlength="${min}"
      /></label>
      <button type="submit">${text.button}</button>
    </form>`;
  return page({ language, title: text.title, body, scripts: [CLEAN_ADDRESS_SCRIPT] });
}

/** What follows. */
export function resetDonePage(language: Language): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.done}</h1>
    <p role="status">${text.doneLead}</p>
    <p><a class="button" href="/oauth/?lang=${language}">${text.signIn}</a></p>`;
  return page({ language, title: text.done, body });
}
