export interface Decline {
  code: string;
  declineCode: string;
  message: string;
}

/** How a test number behaves, as Stripe's testing page describes it. */
export interface TestCard {
  number: string;
  brand: 'visa' | 'mastercard';
  authenticate: boolean;
  decline?: Decline;
  disputed?: boolean;
  refunds?: 'fail_later' | 'pending_first';
  label: { en: string; ru: string };
}

const DECLINES = {
  generic: { code: 'card_declined', declineCode: 'generic_decline', message: 'Your card was declined.' },
  funds: { code: 'card_declined', declineCode: 'insufficient_funds', message: 'Your card has insufficient funds.' },
  lost: { code: 'card_declined', declineCode: 'lost_card', message: 'Your card was declined.' },
  stolen: { code: 'card_declined', declineCode: 'stolen_card', message: 'Your card was declined.' },
  expired: { code: 'expired_card', declineCode: 'expired_card', message: 'Your card has expired.' },
  cvc: { code: 'incorrect_cvc', declineCode: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  processing: {
    code: 'processing_error',
    declineCode: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
  live: {
    code: 'card_declined',
    declineCode: 'test_mode_live_card',
    message: 'Your card was declined. Your request was in test mode, but used a non test card.',
  },
} satisfies Record<string, Decline>;

/** The payer did not pass 3-D Secure. */
export const AUTHENTICATION_FAILED: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: '',
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
};

function card(number: string, en: string, ru: string, behaviour: Partial<TestCard> = {}): TestCard {
  return {
    number,
    brand: number.startsWith('5') ? 'mastercard' : 'visa',
    authenticate: false,
    label: { en, ru },
    ...behaviour,
  };
}

export const TEST_CARDS: readonly TestCard[] = [
  card('4242424242424242', 'Pays', 'Оплата проходит'),
  card('5555555555554444', 'Pays (Mastercard)', 'Оплата проходит (Mastercard)'),
  card('4000000000000002', 'Declined', 'Отказ', { decline: DECLINES.generic }),
  card('4000000000009995', 'Declined: insufficient funds', 'Отказ: недостаточно средств', { decline: DECLINES.funds }),
  card('4000000000009987', 'Declined: lost card', 'Отказ: карта утеряна', { decline: DECLINES.lost }),
  card('4000000000009979', 'Declined: stolen card', 'Отказ: карта украдена', { decline: DECLINES.stolen }),
  card('4000000000000069', 'Declined: expired card', 'Отказ: срок карты истёк', { decline: DECLINES.expired }),
  card('4000000000000127', 'Declined: wrong CVC', 'Отказ: неверный CVC', { decline: DECLINES.cvc }),
  card('4000000000000119', 'Declined: processing error', 'Отказ: ошибка обработки', { decline: DECLINES.processing }),
  card('4000002500003155', '3-D Secure, then pays', '3-D Secure, затем оплата', { authenticate: true }),
  card('4000002760003184', '3-D Secure on every payment', '3-D Secure при каждой оплате', { authenticate: true }),
  card('4000008260003178', '3-D Secure, then insufficient funds', '3-D Secure, затем недостаточно средств', {
    authenticate: true,
    decline: DECLINES.funds,
  }),
  card('4000008400001629', '3-D Secure, then declined', '3-D Secure, затем отказ', {
    authenticate: true,
    decline: DECLINES.generic,
  }),
  card('4000000000000259', 'Pays, then disputed as fraudulent', 'Оплата, затем спор (мошенничество)', {
    disputed: true,
  }),
  card('4000000000005126', 'Pays; a refund fails later', 'Оплата; возврат позже не проходит', {
    refunds: 'fail_later',
  }),
  card('4000000000007726', 'Pays; a refund is pending first', 'Оплата; возврат сначала в ожидании', {
    refunds: 'pending_first',
  }),
];

/** IBANs whose debit settles later (the trigger scripts of Stripe's CLI use them). */
export const TEST_IBANS = {
  AT611904300234573201: 'succeeds',
  IT60X0542811101000000123456: 'fails',
} as const;

/** The card behind a typed number; a well-formed real number is declined as in test mode; undefined when it is no card number. */
export function findCard(typed: string): TestCard | undefined {
  const number = typed.replace(/[\s-]/g, '');
  const known = TEST_CARDS.find((candidate) => candidate.number === number);
  if (known) return known;
  return /^\d{13,19}$/.test(number) && passesLuhn(number)
    ? card(number, '', '', { decline: DECLINES.live })
    : undefined;
}

function passesLuhn(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
