import { html, type Language, page } from '#libs/pages';
import { problemAlert } from './problem-alert.js';

const TEXTS = {
  en: {
    title: 'The form did not come through',
    problems: {
      'request.too_large': 'There is too much in it. Please go back and write less.',
      'request.unsupported_media_type': 'It was sent in a way we cannot read. Please go back and send it again.',
    },
  },
  ru: {
    title: 'Форма не отправлена',
    problems: {
      'request.too_large': 'В ней слишком много текста. Вернитесь назад и сократите его.',
      'request.unsupported_media_type':
        'Она пришла в виде, который мы не понимаем. Вернитесь назад и отправьте её ещё раз.',
    },
  },
} as const;

/** Answers a form of which nothing was read, so that no page could bring it back: the browser still has it one step back. */
export function unreadFormPage(language: Language, problem: string): string {
  const { title, problems } = TEXTS[language];
  const body = html`<h1>${title}</h1>
    !${problemAlert(language, problem, problems)}`;
  return page({ language, title, body });
}
