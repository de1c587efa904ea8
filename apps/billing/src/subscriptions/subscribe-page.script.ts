/** What the page does in the browser: sign in, send the order under a key of its own, go on to the payment. */
export const SUBSCRIBE_PAGE_SCRIPT = `
const said = document.querySelector('#said');
const words = JSON.parse(said.dataset.words);
const form = document.querySelector('#sign-in');
const STORE = 'subscribe.token';
let order;

function say(text) {
  said.textContent = text;
}

async function send(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, answer };
}

async function buy() {
  const token = sessionStorage.getItem(STORE);
  if (!token) {
    form.hidden = false;
    return say(words.signInFirst);
  }
  const { key, ...body } = order;
  const headers = { authorization: 'Bearer ' + token, 'idempotency-key': key };
  const { status, answer } = await send('/subscriptions/checkout', body, headers);
  if (status === 401) {
    sessionStorage.removeItem(STORE);
    return buy();
  }
  if (status === 402) return say(words.poor);
  if (answer.code === 'plan.price_changed') return say(words.repriced);
  if (status !== 201) return say(words.failed);
  if (answer.checkoutUrl) location.assign(answer.checkoutUrl);
  else say(words.bought);
}

const attempt = (work) => work().catch(() => say(words.failed));

for (const button of document.querySelectorAll('button[data-plan]')) {
  button.addEventListener('click', async () => {
    const { plan, currency, amount, payWith } = button.dataset;
    order = { planId: plan, currency, shownAmount: amount, payWith, key: crypto.randomUUID() };
    button.disabled = true;
    await attempt(buy);
    button.disabled = false;
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(form));
  void attempt(async () => {
    const { status, answer } = await send(form.dataset.authUrl + '/auth/login', { email, password });
    if (status !== 200) return say(words.wrong);
    sessionStorage.setItem(STORE, answer.accessToken);
    form.hidden = true;
    await buy();
  });
});
`;
