import { html, type Language, page } from '#libs/pages';
import { PASSWORD_LENGTH } from '../passwords/password-policy.js';
import { PASSWORD_PROBLEMS } from '../passwords/password-problems.js';
import { CLEAN_ADDRESS_SCRIPT } from '../web/form.js';
import { MAIL_REQUEST_PATHS } from '../web/mail-request.page.js';
import { problemAlert } from '../web/problem-alert.js';

const { min, max } = PASSWORD_LENGTH;

const TEXTS = {
  en: {
    title: 'Set a new password',
    label: `New password, at least ${min} characters`,
    button: 'Set the password',
    again: 'Get a new link',
    done: 'The new password is set',
    doneLead: 'You were signed out everywhere. Sign in with the new password.',
    signIn: 'Sign in',
    problems: {
      'auth.link_invalid': 'This link does not work any more. Please ask for a new one.',
      'request.invalid': `The link is not complete, or the password has more than ${max} characters. Please open the link in the mail again.`,
      ...PASSWORD_PROBLEMS.en,
    },
  },
  ru: {
    title: 'Новый пароль',
    label: `Новый пароль, не короче ${min} символов`,
    button: 'Сохранить пароль',
    again: 'Получить новую ссылку',
    done: 'Новый пароль сохранён',
    doneLead: 'Вы вышли на всех устройствах. Войдите с новым паролем.',
    signIn: 'Войти',
    problems: {
      'auth.link_invalid': 'Ссылка больше не действует. Запросите новую.',
      'request.invalid': `Ссылка неполная, или пароль длиннее ${max} символов. Откройте ссылку из письма ещё раз.`,
      ...PASSWORD_PROBLEMS.ru,
    },
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
  const body = html`<h1>${text.title}</h1>
    !${problemAlert(language, problem, text.problems)}
    <form method="post" action="/auth/password/reset?lang=${language}">
      <input type="hidden" name="token" value="${token}" />
      <label
        >${text.label}<input name="password" type="password" autocomplete="new-password" required minlength="${min}"
      /></label>
      <button type="submit">${text.button}</button>
    </form>
    !${
      problem === 'auth.link_invalid'
        ? html`<p><a href="${MAIL_REQUEST_PATHS.forgot}?lang=${language}">${text.again}</a></p>`
        : ''
    }`;
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
