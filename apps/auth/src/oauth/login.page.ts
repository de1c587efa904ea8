import { html, type Language, page } from '#libs/pages';
import { emailField } from '../web/form.js';
import { MAIL_REQUEST_PATHS } from '../web/mail-request.page.js';
import { pageAddress } from '../web/page-address.js';
import { problemAlert } from '../web/problem-alert.js';

/** Where the browser goes when nothing else was asked for. */
export const SIGNED_IN_PATH = '/oauth/signed-in';

/** The page that asks for the second factor, without the leading slash. */
export const SECOND_FACTOR_PATH = 'oauth/second-factor';

/** The pages on which an administrator sets up a second factor, without the leading slash. */
export const ENROLMENT_PATH = 'oauth/second-factor/set-up';

/** What the login page shows. */
export interface LoginPageOptions {
  language: Language;
  google: boolean;
  returnTo: string | undefined;
  email?: string;
  /** Code of the problem to tell. */
  problem?: string | undefined;
}

const TEXTS = {
  en: {
    title: 'Sign in',
    email: 'E-mail',
    password: 'Password',
    button: 'Sign in',
    google: 'Continue with Google',
    forgot: 'Forgot your password?',
    signUp: 'Create an account',
    or: 'or',
    other: 'Русский',
    signedIn: 'You are signed in',
    signedInLead: 'You can close this page.',
    problems: {
      'auth.invalid_credentials': 'Address or password is wrong, or the address has not been confirmed yet.',
      'auth.too_many_failures': 'Too many attempts. Please wait, or reset your password.',
      'request.invalid': 'Please enter an e-mail address and a password.',
      'oauth.cancelled': 'Signing in with Google was cancelled.',
      'oauth.state_mismatch': 'This sign-in was not started here or took too long. Please try again.',
      'oauth.code_refused': 'This sign-in has been used or is too old. Please try again.',
      'oauth.google_unavailable': 'Google does not answer right now. Please try again.',
      'oauth.email_unverified': 'Please confirm your address at Google first.',
      'oauth.other_account_linked': 'Another Google account is linked to this address.',
      'oauth.refused': 'This account cannot be used.',
    },
  },
  ru: {
    title: 'Вход',
    email: 'Эл. почта',
    password: 'Пароль',
    button: 'Войти',
    google: 'Продолжить с Google',
    forgot: 'Забыли пароль?',
    signUp: 'Зарегистрироваться',
    or: 'или',
    other: 'English',
    signedIn: 'Вы вошли',
    signedInLead: 'Эту страницу можно закрыть.',
    problems: {
      'auth.invalid_credentials': 'Неверный адрес или пароль, либо адрес ещё не подтверждён.',
      'auth.too_many_failures': 'Слишком много попыток. Подождите или смените пароль.',
      'request.invalid': 'Введите адрес эл. почты и пароль.',
      'oauth.cancelled': 'Вход через Google отменён.',
      'oauth.state_mismatch': 'Этот вход начат не здесь или занял слишком много времени. Попробуйте ещё раз.',
      'oauth.code_refused': 'Этот вход уже использован или устарел. Попробуйте ещё раз.',
      'oauth.google_unavailable': 'Google сейчас не отвечает. Попробуйте ещё раз.',
      'oauth.email_unverified': 'Сначала подтвердите свой адрес в Google.',
      'oauth.other_account_linked': 'С этим адресом связана другая учётная запись Google.',
      'oauth.refused': 'Эту учётную запись использовать нельзя.',
    },
  },
} as const;

/** The login page: works without a script. */
export function loginPage({ language, google, returnTo, email = '', problem }: LoginPageOptions): string {
  const text = TEXTS[language];
  const query = returnTo ? `?returnTo=${encodeURIComponent(returnTo)}` : '';
  const other = language === 'en' ? 'ru' : 'en';
  const body = html`<h1>${text.title}</h1>
    !${problemAlert(language, problem, text.problems)}
    <form method="post" action="/oauth/sign-in?lang=${language}">
      !${returnTo ? html`<input type="hidden" name="returnTo" value="${returnTo}" />` : ''}
      !${emailField(text.email, email)}
      <label
        >${text.password}<input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxlength="128"
      /></label>
      <button type="submit">${text.button}</button>
    </form>
    <p>
      <a href="${MAIL_REQUEST_PATHS.forgot}?lang=${language}">${text.forgot}</a> ·
      <a href="${MAIL_REQUEST_PATHS['sign-up']}?lang=${language}">${text.signUp}</a>
    </p>
    !${
      google
        ? html`<p class="muted">${text.or}</p>
            <p><a class="button quiet" href="/oauth/google${query}">${text.google}</a></p>`
        : ''
    }
    <p class="muted"><a href="${pageAddress('/oauth/', other, returnTo)}" lang="${other}">${text.other}</a></p>`;
  return page({ language, title: text.title, body });
}

/** Shown when there is nowhere to go. */
export function signedInPage(language: Language): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.signedIn}</h1>
    <p role="status">${text.signedInLead}</p>`;
  return page({ language, title: text.signedIn, body });
}
