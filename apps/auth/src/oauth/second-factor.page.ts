import { html, type Language, page } from '#libs/pages';
import { pageAddress } from '../web/page-address.js';
import { problemAlert } from '../web/problem-alert.js';
import { SECOND_FACTOR_PATH } from './login.page.js';

const TEXTS = {
  en: {
    title: 'Second step',
    label: 'Code of your authenticator app, or a recovery code',
    button: 'Continue',
    failed: 'This code does not work, or it took too long. Please try again.',
    back: 'Back to sign-in',
  },
  ru: {
    title: 'Второй шаг',
    label: 'Код из приложения-аутентификатора или код восстановления',
    button: 'Продолжить',
    failed: 'Код не подходит, или прошло слишком много времени. Попробуйте ещё раз.',
    back: 'Вернуться ко входу',
  },
} as const;

/** Asks for the code of the second factor; `problem` is the code of what went wrong. */
export function secondFactorPage({
  language,
  returnTo,
  problem,
}: {
  language: Language;
  returnTo: string | undefined;
  problem?: string;
}): string {
  const text = TEXTS[language];
  const problems = { 'auth.second_factor_failed': text.failed, 'request.invalid': text.failed };
  const body = html`<h1>${text.title}</h1>
    !${problemAlert(language, problem, problems)}
    <form method="post" action="${pageAddress(`/${SECOND_FACTOR_PATH}`, language, returnTo)}">
      <label
        >${text.label}<input
          name="code"
          autocomplete="one-time-code"
          inputmode="text"
          required
          minlength="6"
          maxlength="40"
      /></label>
      <button type="submit">${text.button}</button>
    </form>
    <p class="muted"><a href="${pageAddress('/oauth/', language, returnTo)}">${text.back}</a></p>`;
  return page({ language, title: text.title, body });
}
