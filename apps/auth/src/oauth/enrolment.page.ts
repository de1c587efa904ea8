import { renderSVG } from 'uqr';
import { html, type Language, page } from '#libs/pages';
import type { RefusedForm } from '../web/form-page.decorator.js';
import { pageAddress } from '../web/page-address.js';
import { problemAlert } from '../web/problem-alert.js';
import { ENROLMENT_PATH, SIGNED_IN_PATH } from './login.page.js';

const TEXTS = {
  en: {
    title: 'Set up the second step',
    intro:
      'Administrators sign in with a second step: a code from an authenticator app on your phone. Have the app at hand; it takes a minute.',
    begin: 'Set up',
    scan: 'Scan this with your authenticator app',
    type: 'or type in this key:',
    code: 'Code the app shows',
    confirm: 'Confirm',
    wrong: 'This code does not fit. Please try the one the app shows now.',
    late: 'Please sign in again to set up the second step.',
    back: 'Back to sign-in',
    again: 'Start over',
    done: 'The second step is on',
    codes:
      'These are your recovery codes, each good for once when the phone is not at hand. They are shown this one time: keep them safe.',
    goOn: 'Continue',
  },
  ru: {
    title: 'Настройка второго шага',
    intro:
      'Администраторы входят в два шага: нужен код из приложения-аутентификатора на телефоне. Приготовьте приложение; это займёт минуту.',
    begin: 'Настроить',
    scan: 'Отсканируйте в приложении-аутентификаторе',
    type: 'или введите этот ключ:',
    code: 'Код из приложения',
    confirm: 'Подтвердить',
    wrong: 'Код не подходит. Введите тот, который приложение показывает сейчас.',
    late: 'Войдите ещё раз, чтобы настроить второй шаг.',
    back: 'Вернуться ко входу',
    again: 'Начать заново',
    done: 'Второй шаг включён',
    codes:
      'Это коды восстановления: каждый можно использовать один раз, когда телефона нет под рукой. Они показаны только сейчас: сохраните их.',
    goOn: 'Продолжить',
  },
} as const;

/** Somebody on these pages, and where it goes from there. */
export interface EnrolmentVisit {
  language: Language;
  returnTo: string | undefined;
}

/** Says what is to come; the secret is made only when the button is pressed. */
export function introPage(visit: EnrolmentVisit, problem?: string): string {
  const { language } = visit;
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    !${problemAlert(language, problem)}
    <p>${text.intro}</p>
    !${beginForm(visit, text.begin)}`;
  return page({ language, title: text.title, body });
}

/** Shows the secret, as a picture and in letters, and asks for a first code. */
export function secretPage(visit: EnrolmentVisit, { secret, uri }: { secret: string; uri: string }): string {
  const { language } = visit;
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    <p>${text.scan}</p>
    !${renderSVG(uri, { border: 4 })}
    <p>${text.type} <code>${secret.replace(/.{4}(?=.)/g, '$& ')}</code></p>
    !${codeForm(visit)}`;
  return page({ language, title: text.title, body });
}

/** Asks for the first code again; the app has the secret already. */
function codeAgainPage(visit: EnrolmentVisit, problem: string): string {
  const { language } = visit;
  const text = TEXTS[language];
  const problems = { 'auth.second_factor_failed': text.wrong, 'request.invalid': text.wrong };
  const body = html`<h1>${text.title}</h1>
    !${problemAlert(language, problem, problems)} !${codeForm(visit)} !${beginForm(visit, text.again, 'quiet')}`;
  return page({ language, title: text.title, body });
}

/** The session has ended, is no longer fresh, or has its second factor already. */
function tooLatePage({ language, returnTo }: EnrolmentVisit): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.title}</h1>
    <p role="alert">${text.late}</p>
    <p><a class="button" href="${pageAddress('/oauth/', language, returnTo)}">${text.back}</a></p>`;
  return page({ language, title: text.title, body });
}

/** What comes back when the set-up could not begin. */
export function beginProblem(form: RefusedForm): string {
  return form.passing ? introPage(form, form.problem) : tooLatePage(form);
}

/** What comes back when the first code could not be taken. */
export function confirmCodeProblem(form: RefusedForm): string {
  const wrong = ['auth.second_factor_failed', 'request.invalid'].includes(form.problem);
  return form.passing || wrong ? codeAgainPage(form, form.problem) : tooLatePage(form);
}

/** The recovery codes, shown this once. */
export function codesPage({ language, returnTo }: EnrolmentVisit, codes: readonly string[]): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.done}</h1>
    <p role="status">${text.codes}</p>
    <ul>
      !${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>
    <p><a class="button" href="${returnTo ?? SIGNED_IN_PATH}">${text.goOn}</a></p>`;
  return page({ language, title: text.done, body });
}

function beginForm({ language, returnTo }: EnrolmentVisit, label: string, look = ''): string {
  return html`<form method="post" action="${pageAddress(`/${ENROLMENT_PATH}`, language, returnTo)}">
    <button type="submit" class="${look}">${label}</button>
  </form>`;
}

function codeForm({ language, returnTo }: EnrolmentVisit): string {
  const text = TEXTS[language];
  return html`<form method="post" action="${pageAddress(`/${ENROLMENT_PATH}/confirm`, language, returnTo)}">
    <label
      >${text.code}<input
        name="code"
        autocomplete="one-time-code"
        inputmode="numeric"
        required
        minlength="6"
        maxlength="6"
    /></label>
    <button type="submit">${text.confirm}</button>
  </form>`;
}
