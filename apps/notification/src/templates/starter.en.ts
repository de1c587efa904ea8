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

If it was not you, set a new password at once and write to us.`,
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
  'refresh-reused': {
    subject: 'We have signed one of your devices out',
    summary: 'On {{ at }} somebody used an old key of one of your sessions. We have closed that session.',
    body: `# We have signed one of your devices out

On {{ at }} an old key of one of your sessions was used once more{% if ip != '' %} from {{ ip }}{% endif %}. Somebody may have copied it, so we have closed that session.

Sign in again to go on. If you see devices that are not yours, change your password.`,
  },
  'account-blocked': {
    subject: 'Your account is blocked',
    summary: 'Your account was blocked on {{ at }}.',
    body: `# Your account is blocked

Since {{ at }} nobody can sign in to your account.{% if reason != '' %} The reason given: {{ reason }}{% endif %}

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
};
