import { html } from 'ghtml';
import { type Language, page } from '../../core/page.ts';
import { display } from '../amounts.ts';
import { TEST_CARDS, TEST_IBANS } from '../cards.ts';
import type { SessionRow } from '../world.ts';
import { WORDS } from './words.ts';

export interface Typed {
  email: string;
  card_number: string;
  expiry: string;
  cvc: string;
  name: string;
}

const PREFILLED: Typed = {
  email: '',
  card_number: '4242 4242 4242 4242',
  expiry: '12 / 34',
  cvc: '123',
  name: 'Sandbox Payer',
};

/** The page on which a session is paid; `problem` is what went wrong at the last try. */
export function checkoutMarkup(row: SessionRow, language: Language, problem?: string, typed?: Partial<Typed>): string {
  const words = WORDS[language];
  const { session } = row;
  const amount = display(session.amount_total ?? 0, session.currency ?? '');
  const values = { ...PREFILLED, email: session.customer_email ?? '', ...typed };
  const body = html`
    <h1>${words.title}</h1>
    <p>${words.total}</p>
    <p class="amount" data-amount>${amount}</p>
    !${problem ? html`<p class="problem" role="alert">${problem}</p>` : ''}
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">${words.item}</th>
            <th scope="col" class="number">${words.quantity}</th>
            <th scope="col" class="number">${words.sum}</th>
          </tr>
        </thead>
        <tbody>
          !${row.lines.map(
            ({ item }) =>
              html`<tr>
                <td>${item.description ?? ''}</td>
                <td class="number">${item.quantity ?? 1}</td>
                <td class="number">${display(item.amount_total, item.currency)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <form method="post" action="/c/pay/${session.id}?lang=${language}">
      <h2>${words.payBy}</h2>
      <label for="email">${words.email}</label>
      <input id="email" name="email" type="email" autocomplete="email" value="${values.email}" />
      <label for="card_number">${words.cardNumber}</label>
      <input id="card_number" name="card_number" inputmode="numeric" autocomplete="off" value="${values.card_number}" />
      <div class="row">
        <div>
          <label for="expiry">${words.expiry}</label>
          <input id="expiry" name="expiry" inputmode="numeric" autocomplete="off" value="${values.expiry}" />
        </div>
        <div>
          <label for="cvc">${words.cvc}</label>
          <input id="cvc" name="cvc" inputmode="numeric" autocomplete="off" maxlength="4" value="${values.cvc}" />
        </div>
      </div>
      <label for="name">${words.name}</label>
      <input id="name" name="name" autocomplete="off" value="${values.name}" />
      <div class="actions">
        <button class="main" name="action" value="pay">${words.pay} ${amount}</button>
        !${session.cancel_url ? html`<button name="action" value="cancel" formnovalidate>${words.cancel}</button>` : ''}
      </div>
      !${session.payment_method_types.includes('sepa_debit') ? debits(language) : ''} !${cards(language)}
    </form>
  `;
  return page(language, words.title, body, { en: '?lang=en', ru: '?lang=ru' });
}

function debits(language: Language): string {
  const words = WORDS[language];
  return html`<h2>${words.debit}</h2>
    <p class="quiet">${words.debitHint}</p>
    <ul class="choices">
      !${Object.entries(TEST_IBANS).map(
        ([iban, outcome]) =>
          html`<li>
            <button name="iban" value="${iban}">
              <code>${iban}</code> - ${outcome === 'succeeds' ? words.debitOk : words.debitBad}
            </button>
          </li>`,
      )}
    </ul>`;
}

function cards(language: Language): string {
  const words = WORDS[language];
  return html`<h2>${words.testCards}</h2>
    <p class="quiet">${words.testCardsHint}</p>
    <ul class="choices">
      !${TEST_CARDS.map(
        (card) =>
          html`<li>
            <button name="use" value="${card.number}">
              <code>${card.number.replace(/(\d{4})(?=\d)/g, '$1 ')}</code> - ${card.label[language]}
            </button>
          </li>`,
      )}
    </ul>`;
}

/** A page with one sentence and the way back. */
export function noticeMarkup(language: Language, title: string, sentence: string, back: string | null): string {
  const link = back ? html`<p><a class="button" href="${back}">${WORDS[language].back}</a></p>` : '';
  return page(
    language,
    title,
    html`<h1>${title}</h1>
      <p>${sentence}</p>
      !${link}`,
    { en: '?lang=en', ru: '?lang=ru' },
  );
}
