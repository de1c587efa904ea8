import { enrolmentUrl, meet, signIn, signOut } from './api.js';
import { field, h } from './dom.js';
import { explain, words } from './words.js';

function form(hint, controls, label, act, wrong) {
  const fault = h('p', { role: 'alert', hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      await act();
    } catch (error) {
      fault.textContent = error.status === 401 ? wrong : explain(error);
      fault.hidden = false;
    }
  };
  return [
    h('h1', {}, words.signIn),
    h('p', { class: 'muted' }, hint),
    fault,
    h('form', { onsubmit: submit }, controls, h('button', {}, label)),
  ];
}

/** Asks for address and password, then for the code of the second step; `done` is called with a session in place. */
export function signInForm(done) {
  const section = h('section', { class: 'sign-in' });
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true });
  const password = h('input', { type: 'password', name: 'password', autocomplete: 'current-password', required: true });
  const code = h('input', { name: 'code', autocomplete: 'one-time-code', required: true, minlength: 6, maxlength: 40 });

  const askForCode = (challenge) => {
    const act = async () => {
      await meet(challenge, code.value);
      await done();
    };
    section.replaceChildren(...form(words.codeHint, [field(words.code, code)], words.goOnSignIn, act, words.wrongCode));
    code.focus();
  };
  const enter = async () => {
    const challenge = await signIn(email.value, password.value);
    if (challenge) return askForCode(challenge);
    const setUp = await enrolmentUrl();
    if (!setUp) return done();
    // A session without the second step may do nothing here.
    await signOut();
    section.replaceChildren(
      h('h1', {}, words.signIn),
      h('p', { role: 'status' }, words.secondStepMissing),
      h('a', { class: 'button', href: setUp }, words.setUpSecondStep),
    );
  };
  const controls = [field(words.email, email), field(words.password, password)];
  section.append(...form(words.signInHint, controls, words.signIn, enter, words.wrongPassword));
  return section;
}
