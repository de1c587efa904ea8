import { html, type Language, page } from '#libs/pages';
import { PASSWORD_LENGTH } from '../passwords/password-policy.js';
import { PASSWORD_PROBLEMS } from '../passwords/password-problems.js';
import type { RefusedForm } from './form-page.decorator.js';
import type { Outcome } from './page-visit.js';
import { emailField } from './form.js';
import { problemAlert } from './problem-alert.js';

/** What can be asked for by naming an address; the answer comes by mail. */
export type MailRequest = 'sign-up' | 'forgot' | 'resend';

/** Where each page is, and where its form goes. */
export const MAIL_REQUEST_PATHS: Record<MailRequest, string> = {
  'sign-up': '/auth/register',
  forgot: '/auth/password/forgot',
  resend: '/auth/resend-verification',
};

const { min } = PASSWORD_LENGTH;

const TEXTS = {
  en: {
    titles: { 'sign-up': 'Create an account', forgot: 'Forgot your password?', resend: 'Get a new link' },
    leads: {
      'sign-up': 'We send you a mail to confirm your address.',
      forgot: 'Tell us your address, and we send you a link to set a new password.',
      resend: 'Tell us the address you signed up with, and we send the link to confirm it again.',
    },
    buttons: { 'sign-up': 'Create the account', forgot: 'Send the link', resend: 'Send the link' },
    email: 'E-mail',
    password: `Password, at least ${min} characters`,
    signIn: 'Sign in',
    noMail: 'No mail came? Get a new link',
    other: 'Русский',
    sent: 'Look into your mailbox',
    sentLead:
      'If the address can be used, a mail is on its way to it. It may take a minute; look into the spam folder too.',
    problems: {
      'request.invalid': 'Please enter an e-mail address as it is written in a mail.',
      ...PASSWORD_PROBLEMS.en,
    },
  },
  ru: {
    titles: { 'sign-up': 'Регистрация', forgot: 'Забыли пароль?', resend: 'Новая ссылка' },
    leads: {
      'sign-up': 'Мы пришлём письмо, чтобы подтвердить адрес.',
      forgot: 'Укажите свой адрес, и мы пришлём ссылку для нового пароля.',
      resend: 'Укажите адрес, с которым вы регистрировались, и мы ещё раз пришлём ссылку для подтверждения.',
    },
    buttons: { 'sign-up': 'Зарегистрироваться', forgot: 'Прислать ссылку', resend: 'Прислать ссылку' },
    email: 'Эл. почта',
    password: `Пароль, не короче ${min} символов`,
    signIn: 'Войти',
    noMail: 'Письмо не пришло? Получить новую ссылку',
    other: 'English',
    sent: 'Проверьте почту',
    sentLead: 'Если адрес подходит, письмо уже в пути. Это может занять минуту; загляните и в папку «Спам».',
    problems: {
      'request.invalid': 'Введите адрес эл. почты полностью.',
      ...PASSWORD_PROBLEMS.ru,
    },
  },
} as const;

/** The page on which something is asked for: an address, and for a sign-up a password. Works without a script. */
export function mailRequestPage(
  request: MailRequest,
  language: Language,
  { problem, email = '' }: { problem?: string; email?: string } = {},
): string {
  const text = TEXTS[language];
  const [title, path] = [text.titles[request], MAIL_REQUEST_PATHS[request]];
  const other = language === 'en' ? 'ru' : 'en';
  const body = html`<h1>${title}</h1>
    <p>${text.leads[request]}</p>
    !${problemAlert(language, problem, text.problems)}
    <form method="post" action="${path}?lang=${language}">
      !${emailField(text.email, email)}
      !${
        request === 'sign-up'
          ? html`<label
              >${text.password}<input
                name="password"
                type="password"
                autocomplete="new-password"
                required
                minlength="${min}"
            /></label>`
          : ''
      }
      <button type="submit">${text.buttons[request]}</button>
    </form>
    !${
      request === 'sign-up'
        ? html`<p><a href="${MAIL_REQUEST_PATHS.resend}?lang=${language}">${text.noMail}</a></p>`
        : ''
    }
    <p><a href="/oauth/?lang=${language}">${text.signIn}</a></p>
    <p class="muted"><a href="${path}?lang=${other}" lang="${other}">${text.other}</a></p>`;
  return page({ language, title, body });
}

/** What follows, the same for every address. */
function mailSentPage(language: Language): string {
  const text = TEXTS[language];
  const body = html`<h1>${text.sent}</h1>
    <p role="status">${text.sentLead}</p>
    <p><a href="/oauth/?lang=${language}">${text.signIn}</a></p>`;
  return page({ language, title: text.sent, body });
}

/** What comes of asking, in JSON and on a page. */
export function mailRequestOutcome<Answer>(answer: () => Answer): Outcome<void, Answer> {
  return { answer, page: mailSentPage };
}

/** The page again, when what it asked for could not be taken. */
export function mailRequestProblem(request: MailRequest): (form: RefusedForm) => string {
  return ({ language, problem, field }) => mailRequestPage(request, language, { problem, email: field('email') });
}
