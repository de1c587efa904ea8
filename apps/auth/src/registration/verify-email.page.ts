import { html, type Language, page } from '#libs/pages';
import { CLEAN_ADDRESS_SCRIPT } from '../web/form.js';
import { MAIL_REQUEST_PATHS } from '../web/mail-request.page.js';
import type { RefusedForm } from '../web/form-page.decorator.js';
import { problemAlert } from '../web/problem-alert.js';

const TEXTS = {
  en: {
    title: 'Confirm your address',
    lead: 'One click and your account is ready.',
    button: 'Confirm my address',
    done: 'Your address is confirmed',
    doneLead: 'You can sign in now.',
    passwordlessLead:
      'Somebody signed up with this address more than once, perhaps you. To be safe, none of those passwords was kept: set yours with “Forgotten password”, or sign in with Google.',
    signIn: 'Sign in',
    again: 'Get a new link',
    failed: 'This link does not work any more',
    failedLead:
      'It was used already, a newer one was sent, or it is too old. Ask for a new one, or sign in if you have confirmed your address before.',
  },
  ru: {
    title: 'Подтвердите адрес',
    lead: 'Один щелчок — и учётная запись готова.',
    button: 'Подтвердить адрес',
    done: 'Адрес подтверждён',
    doneLead: 'Теперь можно войти.',
    passwordlessLead:
      'С этим адресом регистрировались несколько раз, возможно, вы сами. Для безопасности ни один из тех паролей не сохранён: задайте свой через «Забыли пароль» или войдите через Google.',
    signIn: 'Войти',
    again: 'Получить новую ссылку',
    failed: 'Ссылка больше не действует',
    failedLead:
      'Она уже использована, отправлена более новая или прошло слишком много времени. Запросите новую или войдите, если адрес уже подтверждён.',
  },
} as const;

/** Where the form goes that confirms the address of a sign-up. */
const VERIFY_PATH = '/auth/verify-email';

/** The page with the one button that confirms an address. */
export function confirmPage(language: Language, token: string, problem?: string): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    <p>${text.lead}</p>
    !${problemAlert(language, problem)}
    <form method="post" action="${VERIFY_PATH}?lang=${language}">
      <input type="hidden" name="token" value="${token}" />
      <button type="submit">${text.button}</button>
    </form>`;
  return page({ language, title: text.title, body, scripts: [CLEAN_ADDRESS_SCRIPT] });
}

/** What came of it; `passwordless`: confirmed, but the owner has to set a password. */
export function resultPage(language: Language, result: 'done' | 'passwordless' | 'failed'): string {
  const text = TEXTS[language];
  const title = result === 'failed' ? text.failed : text.done;
  const body = html`<h1>${title}</h1>
    <p role="${result === 'failed' ? 'alert' : 'status'}">${text[`${result}Lead`]}</p>
    <p><a class="button" href="/oauth/?lang=${language}">${text.signIn}</a></p>
    !${
      result === 'failed' ? html`<p><a href="${MAIL_REQUEST_PATHS.resend}?lang=${language}">${text.again}</a></p>` : ''
    }`;
  return page({ language, title, body });
}

/** The button again when it may help to press it later, else the way to a new link. */
export function confirmProblem({ language, problem, passing, field }: RefusedForm): string {
  return passing ? confirmPage(language, field('token'), problem) : resultPage(language, 'failed');
}
