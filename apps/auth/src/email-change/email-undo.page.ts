import { html, type Language, page } from '#libs/pages';
import { CLEAN_ADDRESS_SCRIPT } from '../web/form.js';
import type { RefusedForm } from '../web/form-page.decorator.js';
import { problemAlert } from '../web/problem-alert.js';

const TEXTS = {
  en: {
    title: 'Take your account back',
    lead: 'Your account gets this address back. Every device is signed out, the password stops working, and we send you a link to set a new one.',
    button: 'It was not me: put my address back',
    done: 'Your account is yours again',
    doneLead: 'We have sent a link to set a new password to your address.',
    taken: 'This address has another account now',
    takenLead: 'Delete that account first and then open the link again, or write to us.',
    failed: 'This link does not work any more',
    failedLead: 'It was used already or is too old. If your account is not yours any more, write to us.',
  },
  ru: {
    title: 'Верните свою учётную запись',
    lead: 'Учётная запись снова получит этот адрес. На всех устройствах будет выполнен выход, пароль перестанет действовать, а мы пришлём ссылку, чтобы задать новый.',
    button: 'Это был не я: вернуть мой адрес',
    done: 'Учётная запись снова ваша',
    doneLead: 'Мы отправили на ваш адрес ссылку, чтобы задать новый пароль.',
    taken: 'У этого адреса теперь другая учётная запись',
    takenLead: 'Сначала удалите её и откройте ссылку ещё раз или напишите нам.',
    failed: 'Ссылка больше не действует',
    failedLead:
      'Она уже использована или прошло слишком много времени. Если учётная запись больше не ваша, напишите нам.',
  },
} as const;

/** The page with the one button that puts the address back. */
export function undoPage(language: Language, token: string, problem?: string): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    <p>${text.lead}</p>
    !${problemAlert(language, problem)}
    <form method="post" action="/auth/email/undo?lang=${language}">
      <input type="hidden" name="token" value="${token}" />
      <button type="submit">${text.button}</button>
    </form>`;
  return page({ language, title: text.title, body, scripts: [CLEAN_ADDRESS_SCRIPT] });
}

/** What came of it. */
export function undoResultPage(language: Language, result: 'done' | 'taken' | 'failed'): string {
  const text = TEXTS[language];
  const body = html`<h1>${text[result]}</h1>
    <p role="${result === 'done' ? 'status' : 'alert'}">${text[`${result}Lead`]}</p>`;
  return page({ language, title: text[result], body });
}

/** The button again when it may help to press it later, else what came of it. */
export function undoProblem({ language, problem, passing, field }: RefusedForm): string {
  if (passing) return undoPage(language, field('token'), problem);
  return undoResultPage(language, problem === 'email.taken' ? 'taken' : 'failed');
}
