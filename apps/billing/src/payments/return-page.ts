import { html, type Language, page } from '#libs/pages';
import type { Payment, PaymentStatus } from './payment.js';

interface Words {
  title: string;
  text: string;
}

const WAITING: Record<Language, Words> = {
  en: { title: 'Checking your payment', text: 'We are waiting for the bank. This page looks again by itself.' },
  ru: { title: 'Проверяем платёж', text: 'Ждём ответа банка. Страница обновится сама.' },
};

const OPEN: Record<Language, Words> = {
  en: { title: 'Not paid yet', text: 'The payment has not been made. You can go on where you stopped.' },
  ru: { title: 'Пока не оплачено', text: 'Платёж не завершён. Можно продолжить с того же места.' },
};

const WORDS: Record<PaymentStatus, Record<Language, Words>> = {
  created: WAITING,
  session_open: OPEN,
  processing: WAITING,
  succeeded: {
    en: { title: 'Paid', text: 'Thank you. The payment has arrived and is on your account.' },
    ru: { title: 'Оплачено', text: 'Спасибо. Платёж получен и зачислен.' },
  },
  failed: {
    en: { title: 'Payment failed', text: 'Nothing was charged. Please try again or use another card.' },
    ru: { title: 'Платёж не прошёл', text: 'Деньги не списаны. Попробуйте ещё раз или возьмите другую карту.' },
  },
  expired: {
    en: { title: 'The offer has ended', text: 'Nothing was charged. Please start again.' },
    ru: { title: 'Срок предложения истёк', text: 'Деньги не списаны. Начните заново.' },
  },
  needs_review: {
    en: { title: 'We are looking into it', text: 'Your payment needs a look by our staff. Nothing is lost.' },
    ru: { title: 'Мы разбираемся', text: 'Платёж проверит сотрудник. Ничего не потеряно.' },
  },
};

const CONTINUE: Record<Language, string> = { en: 'Continue the payment', ru: 'Продолжить оплату' };

/** What the buyer sees on coming back: the state as we know it, never a guess; it reloads while the state is not final. */
export function returnPage(payment: Payment, language: Language): string {
  const { title, text } = WORDS[payment.status][language];
  const waiting = payment.status === 'created' || payment.status === 'processing';
  const goOn = payment.status === 'session_open' && payment.sessionUrl;
  return page({
    language,
    title,
    refreshSeconds: waiting ? 3 : payment.status === 'session_open' ? 15 : undefined,
    body: html`<h1>${title}</h1>
      <p role="status">${text}</p>
      <p class="muted">${payment.description}</p>
      !${goOn ? html`<p><a class="button" href="${goOn}">${CONTINUE[language]}</a></p>` : ''}`,
  });
}
