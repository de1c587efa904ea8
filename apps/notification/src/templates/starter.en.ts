import type { StarterSet } from './template.js';

/** What the service says in English until somebody writes it better. */
export const STARTER_EN: StarterSet = {
  'verify-email': {
    subject: 'Confirm your address',
    summary: 'Open the link we have sent to your address to confirm it.',
    body: `# Confirm your address

Somebody, we hope you, signed up with this address. Press the button to confirm that it is yours.

[Confirm my address]({{ link }})

The link works until {{ expiresAt }}. If it was not you, do nothing: without your confirmation the account cannot be used.`,
  },
  'confirm-email-change': {
    subject: 'An existing account wants to use this address',
    summary: 'We have sent a link to your new address; your account uses it once the link is confirmed.',
    body: `# An existing account wants to use this address

Somebody who has an account asked to use this address for it from now on. This is **not** the confirmation of a sign-up: no new account is made.

If it was you, and the account is yours, move it here:

[Use this address for that account]({{ link }})

The link works until {{ expiresAt }}. **If you have not asked for this, do not confirm it**: your address would belong to somebody else's account. You can ignore this mail, and nothing happens.`,
  },
  'recover-password': {
    subject: 'Set a new password',
    summary: 'We have sent you a link to set a new password.',
    body: `# Set a new password

Somebody asked to set a new password for your account.

[Choose a new password]({{ link }})

The link works once, until {{ expiresAt }}. If it was not you, do nothing: your password stays as it is.`,
  },
  'password-changed': {
    subject: 'Your password was changed',
    summary: 'Your password was changed on {{ changedAt }}.',
    body: `# Your password was changed

It happened on {{ changedAt }}, and all your devices were signed out.

If it was not you, set a new password at once: choose "Forgot your password?" on the sign-in page.`,
  },
  'email-changed': {
    subject: 'Your address was changed',
    summary: 'Your account uses the address {{ email }} since {{ changedAt }}.',
    body: `# Your address was changed

Since {{ changedAt }} your account uses the address **{{ email }}**.

If it was not you, take it back with the link we send to the previous address.`,
  },
  'undo-email-change': {
    subject: 'Your address was changed: was it you?',
    summary: 'We have sent a link that puts the previous address back.',
    body: `# Was it you?

Your account uses another address from now on, and no mail will come here any more. If you have changed it yourself, do nothing.

If it was not you, take your account back:

[It was not me]({{ link }})

Your account gets this address back, every device is signed out, and we send you a link to set a new password. The link works once, until {{ expiresAt }}.`,
  },
  'new-device': {
    subject: 'A sign-in from a new device',
    summary: 'Somebody signed in to your account on {{ at }}: {{ device }}.',
    body: `# A sign-in from a new device

- When: {{ at }}
- Device: {{ device }}
- Network address: {{ ip | default: 'unknown' }}

If it was you, all is well. If not, change your password: this signs out every device.`,
  },
  'second-factor-enabled': {
    subject: 'The second step of signing in is on',
    summary: 'Signing in takes a code of an authenticator app since {{ at }}: {{ device }}.',
    body: `# The second step of signing in is on

Whoever signs in to your account is asked for a code of your authenticator app from now on.

- When: {{ at }}
- Device: {{ device }}
- Network address: {{ ip | default: 'unknown' }}

Keep the recovery codes where you will find them without your phone. If it was not you, somebody is signed in to your account: choose "Forgot your password?" on the sign-in page at once, which signs out every device, and write to us.`,
  },
  'second-factor-disabled': {
    subject: 'The second step of signing in is off',
    summary: 'Your password alone opens your account since {{ at }}: {{ device }}.',
    body: `# The second step of signing in is off

No code of your authenticator app is asked for any more, and your recovery codes are void. All your devices were signed out.

- When: {{ at }}
- Device: {{ device }}
- Network address: {{ ip | default: 'unknown' }}

If you neither did this nor asked us to, somebody else has a hand in your account: choose "Forgot your password?" on the sign-in page at once, sign in, and switch the second step on again.`,
  },
  'recovery-codes-renewed': {
    subject: 'You have new recovery codes',
    summary: 'Your recovery codes were renewed on {{ at }}: {{ device }}.',
    body: `# You have new recovery codes

The recovery codes you had before no longer work.

- When: {{ at }}
- Device: {{ device }}
- Network address: {{ ip | default: 'unknown' }}

If it was not you, somebody is signed in to your account: change your password, which signs out every device, and make new recovery codes again.`,
  },
  'recovery-code-used': {
    subject: 'A recovery code was used',
    summary: 'A recovery code of yours was used on {{ at }}: {{ device }}. Codes left: {{ remaining }}.',
    body: `# A recovery code was used

It took the place of a code of your authenticator app and works no more.

- When: {{ at }}
- Device: {{ device }}
- Network address: {{ ip | default: 'unknown' }}
- Recovery codes left: **{{ remaining }}**

{% if remaining < 3 %}Make new ones before they run out. {% endif %}If it was not you, somebody has your recovery codes and is signed in to your account: change your password, which signs out every device, and make new recovery codes.`,
  },
  'refresh-reused': {
    subject: 'We have signed one of your devices out',
    summary: 'On {{ at }} somebody used an old key of one of your sessions. We have closed that session.',
    body: `# We have signed one of your devices out

On {{ at }} an old key of one of your sessions was used once more{% if ip %} from {{ ip }}{% endif %}. Somebody may have copied it, so we have closed that session.

Sign in again to go on. If you see devices that are not yours, change your password.`,
  },
  'account-blocked': {
    subject: 'Your account is blocked',
    summary: 'Your account was blocked on {{ at }}.',
    body: `# Your account is blocked

Since {{ at }} nobody can sign in to your account.{% if reason %} The reason given: {{ reason }}{% endif %}

If you think that this is a mistake, write to us.`,
  },
  'account-unblocked': {
    subject: 'Your account is open again',
    summary: 'You can sign in again since {{ at }}.',
    body: `# Your account is open again

Since {{ at }} you can sign in as before.`,
  },
  welcome: {
    subject: 'Welcome',
    summary: 'Your address is confirmed. Enjoy the films!',
    body: `# Welcome

Your address is confirmed and your account is ready. Choose a plan and enjoy the films.`,
  },
  'top-up-receipt': {
    subject: 'Receipt: {{ paid }}',
    summary: 'You paid {{ paid }}; {{ credited }} were added to your balance.',
    body: `# Thank you for your payment

- Paid: **{{ paid }}**
- Added to your balance: **{{ credited }}**
- When: {{ at }}
- Reference: {{ reference }}`,
  },
  'subscription-purchased': {
    subject: 'Your subscription: {{ product }}',
    summary: '{{ product }} is yours until {{ endsAt }}. You paid {{ paid }}.',
    body: `# Your subscription has begun

- Subscription: **{{ product }}**, {{ months }} month{% if months != 1 %}s{% endif %}
- From {{ startsAt }} until **{{ endsAt }}**
- Paid: {{ paid }}

Have a good time!`,
  },
  'already-registered': {
    subject: 'You already have an account',
    summary: 'Somebody tried to sign up with your address.',
    body: `# You already have an account

On {{ at }} somebody tried to sign up with this address. If it was you: you have an account already, sign in with it. If you have forgotten the password, choose "Forgot your password?" there.

If it was not you, do nothing: nobody has got in.`,
  },
  'identity-linked': {
    subject: 'You can sign in with {{ provider }} now',
    summary: 'Since {{ at }} your account can be entered with {{ provider }}.',
    body: `# You can sign in with {{ provider }} now

Since {{ at }} your account can be entered with {{ provider }}. If it was not you, change your password and remove the link.`,
  },
  'identity-unlinked': {
    subject: 'You no longer sign in with {{ provider }}',
    summary: 'Since {{ at }} your account cannot be entered with {{ provider }} any more.',
    body: `# You no longer sign in with {{ provider }}

Since {{ at }} your account cannot be entered with {{ provider }} any more. If it was not you, change your password.`,
  },
  'subscription-renewed': {
    subject: 'Your subscription was renewed: {{ product }}',
    summary: '{{ product }} is yours until {{ endsAt }}. {{ paid }} were taken from your balance.',
    body: `# Your subscription was renewed

- Subscription: **{{ product }}**
- Until: **{{ endsAt }}**
- Taken from your balance: {{ paid }}`,
  },
  'renewal-failed': {
    subject: 'We could not renew {{ product }}',
    summary: '{{ product }} costs {{ price }} and could not be renewed. You can watch until {{ accessUntil }}.',
    body: `# We could not renew your subscription

{% case reason %}{% when 'insufficient_funds' %}Your balance does not hold the **{{ price }}** that **{{ product }}** costs. Top it up and all goes on by itself.{% when 'price_raised' %}**{{ product }}** costs **{{ price }}** now, more than you agreed to. Please subscribe again if you would like to go on.{% when 'plan_ended' %}**{{ product }}** is no longer sold. Please choose another plan.{% else %}Your account could not be used to pay **{{ price }}** for **{{ product }}**.{% endcase %}

You can watch until **{{ accessUntil }}**.{% if nextTryAt %} We will try again on {{ nextTryAt }}.{% endif %}`,
  },
  'subscription-ending': {
    subject: '{{ product }} ends on {{ endsAt }}',
    summary:
      '{% if renewal %}{{ product }} will be renewed on {{ endsAt }} for {{ renewal }}.{% else %}{{ product }} ends on {{ endsAt }}.{% endif %}',
    body: `# Your subscription is coming to its end

The time you have paid for **{{ product }}** ends on **{{ endsAt }}**.

{% if renewal %}It will be renewed by itself: {{ renewal }} will be taken from your balance.{% else %}Renew it in time to go on watching.{% endif %}`,
  },
  'subscription-ended': {
    subject: '{{ product }} has ended',
    summary: '{{ product }} has ended on {{ endedAt }}.',
    body: `# Your subscription has ended

**{{ product }}** has ended on {{ endedAt }}. We will be glad to see you again: subscribe whenever you like.`,
  },
  'subscription-refunded': {
    subject: 'Refund for {{ product }}: {{ refunded }}',
    summary: '{{ refunded }} were returned for {{ product }}.',
    body: `# Your money was returned

- Subscription: **{{ product }}**
- Returned: **{{ refunded }}**{% if paidUntil %}
- Still paid until: {{ paidUntil }}{% endif %}`,
  },
  'refund-issued': {
    subject: 'Your refund: {{ refunded }}',
    summary: '{{ refunded }} are on their way back to you.',
    body: `# Your refund is on its way

**{{ refunded }}** are on their way back to the card or account you paid with. How long it takes is up to your bank, ten working days at the most as a rule.

- When: {{ at }}
- Payment: {{ reference }}`,
  },
  'refund-failed': {
    subject: 'A refund did not reach you: {{ refunded }}',
    summary: 'Your bank did not take {{ refunded }}; what the payment had bought is yours again.',
    body: `# Your refund did not reach you

Your bank did not take the refund of **{{ refunded }}**. What the payment had bought is yours again. Please write to us if you still want the money back.

- When: {{ at }}
- Payment: {{ reference }}`,
  },
  'dispute-opened': {
    subject: 'Your bank disputes a payment: {{ disputed }}',
    summary: 'Your bank disputes a payment of {{ disputed }}; until it decides, what it bought may be held.',
    body: `# Your bank disputes a payment

Your bank has told us that a payment of **{{ disputed }}** is disputed. Until it decides, what the payment added to your balance may be held. If you know nothing of this, please write to us.

- When: {{ at }}
- Payment: {{ reference }}`,
  },
  'dispute-won': {
    subject: 'The dispute is over: {{ disputed }}',
    summary: 'The dispute over {{ disputed }} is over; what the payment bought is yours.',
    body: `# The dispute is over

Your bank has decided that the payment of **{{ disputed }}** stands. Nothing of it is held any longer.

- When: {{ at }}
- Payment: {{ reference }}`,
  },
  'dispute-lost': {
    subject: 'A disputed payment was returned: {{ disputed }}',
    summary: 'Your bank took back {{ disputed }}; what the payment had bought is taken back too.',
    body: `# A disputed payment was returned

Your bank took **{{ disputed }}** back from us for you. What the payment had bought is taken back; what was spent already is repaid first from your next top-up.

- When: {{ at }}
- Payment: {{ reference }}`,
  },
};
