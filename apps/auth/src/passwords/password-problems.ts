import { type Language } from '#libs/pages';
import { PASSWORD_LENGTH } from './password-policy.js';

const { min, max } = PASSWORD_LENGTH;

/** How pages tell what is wrong with a password, by the reason of WeakPasswordError. */
export const PASSWORD_PROBLEMS: Record<Language, Record<string, string>> = {
  en: {
    too_short: `The password needs at least ${min} characters.`,
    too_long: `The password may have at most ${max} characters.`,
    too_common: 'Too many people use this password.',
    too_simple: 'The password repeats the same few characters.',
    names_the_account: 'The password is your own address.',
    names_the_site: 'The password is the name of this site.',
    forbidden_character: 'The password has a character that cannot be used.',
    breached: 'This password is known from a breach of another service. Please choose another one.',
  },
  ru: {
    too_short: `Пароль должен быть не короче ${min} символов.`,
    too_long: `Пароль должен быть не длиннее ${max} символов.`,
    too_common: 'Такой пароль слишком распространён.',
    too_simple: 'В пароле повторяются одни и те же символы.',
    names_the_account: 'Пароль совпадает с вашим адресом.',
    names_the_site: 'Пароль совпадает с названием сайта.',
    forbidden_character: 'В пароле есть недопустимый символ.',
    breached: 'Этот пароль известен из утечки другого сервиса. Выберите другой.',
  },
};
