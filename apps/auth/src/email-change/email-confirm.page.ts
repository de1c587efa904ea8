import { html, type Language, page } from '#libs/pages';
import { CLEAN_ADDRESS_SCRIPT } from '../web/form.js';
import type { RefusedForm } from '../web/form-page.decorator.js';
import { problemAlert } from '../web/problem-alert.js';

const TEXTS = {
  en: {
    title: 'Use this address for an existing account?',
    lead: 'Somebody who has an account asked to use your address for it from now on. This does not confirm a sign-up: no new account is made.',
    warning: 'If you have not asked for this, close this page: your address would belong to somebody else’s account.',
    button: 'The account is mine: use this address',
    done: 'Your account uses this address now',
    doneLead: 'Sign in with it from now on.',
    signIn: 'Sign in',
    failed: 'This link does not work any more',
    failedLead:
      'It was used already, a newer one was sent, or it is too old. Nor does it work while a sign-up with the address waits for its own link to be confirmed, for a day at the most. Ask for the change again in your account.',
  },
  ru: {
    title: 'Использовать этот адрес для уже существующей учётной записи?',
    lead: 'Владелец одной из учётных записей попросил, чтобы она отныне использовала ваш адрес. Это не подтверждение регистрации: новая учётная запись не создаётся.',
    warning: 'Если вы об этом не просили, закройте эту страницу: ваш адрес достался бы чужой учётной записи.',
    button: 'Учётная запись моя: использовать этот адрес',
    done: 'Учётная запись теперь использует этот адрес',
    doneLead: 'Отныне входите с ним.',
    signIn: 'Войти',
    failed: 'Ссылка больше не действует',
    failedLead:
      'Она уже использована, отправлена более новая или прошло слишком много времени. Не действует она и тогда, когда регистрация с этим адресом ждёт подтверждения по собственной ссылке, — не дольше суток. Запросите смену адреса в учётной записи ещё раз.',
  },
} as const;

/** Where the form goes that moves an account to another address. */
export const CONFIRM_PATH = '/auth/email/confirm';

/** The page with the one button that moves an account to this address; it must not pass for that of a sign-up. */
export function confirmPage(language: Language, token: string, problem?: string): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    <p>${text.lead}</p>
    <p><strong>${text.warning}</strong></p>
    !${problemAlert(language, problem)}
    <form method="post" action="${CONFIRM_PATH}?lang=${language}">
      <input type="hidden" name="token" value="${token}" />
      <button type="submit">${text.button}</button>
    </form>`;
  return page({ language, title: text.title, body, scripts: [CLEAN_ADDRESS_SCRIPT] });
}

/** What came of it. */
export function confirmResultPage(language: Language, result: 'done' | 'failed'): string {
  const text = TEXTS[language];
  const body = html`<h1>${text[result]}</h1>
    <p role="${result === 'done' ? 'status' : 'alert'}">${text[`${result}Lead`]}</p>
    <p><a class="button" href="/oauth/?lang=${language}">${text.signIn}</a></p>`;
  return page({ language, title: text[result], body });
}

/** The button again when it may help to press it later, else what came of it. */
export function confirmProblem({ language, problem, passing, field }: RefusedForm): string {
  return passing ? confirmPage(language, field('token'), problem) : confirmResultPage(language, 'failed');
}
