import { bool, commonSpecs, httpUrl, noSandboxInProduction, port, settings, str, urlWith } from '#libs/config';
import { addressOf, isPlainAddress } from './mail/mail.js';
import { ONE_LINE } from './templates/one-line.js';
import { webhookEndpoints } from './webhooks/webhook-endpoint.js';

/** A mail provider: plain text only towards a sandbox. */
const smtpUrl = urlWith('smtp:', 'smtps:');

/** The notification service's environment. */
export class NotificationConfig extends settings(
  {
    ...commonSpecs,
    NOTIFICATION_HOST: str({ default: '0.0.0.0', desc: 'Address the service listens on' }),
    NOTIFICATION_PORT: port({ default: 3003, desc: 'Port the service listens on' }),
    NOTIFICATION_PUBLIC_URL: httpUrl({ desc: "The service's public address", example: 'http://localhost:3003' }),
    NOTIFICATION_MONGODB_URL: urlWith(
      'mongodb:',
      'mongodb+srv:',
    )({ desc: 'MongoDB with the name of the database', example: 'mongodb://mongodb:27017/notification' }),
    SMTP_URL: smtpUrl({
      desc: 'Where mails are handed over',
      example: 'smtps://user:password@smtp.example.com',
    }),
    MAIL_FROM: str({ desc: 'Sender of the mails', example: 'Cinema <no-reply@cinema.example>' }),
    WEBHOOK_ENDPOINTS: webhookEndpoints({
      default: [],
      desc: 'Receivers of signed webhooks, a JSON list as apps/notification/src/webhooks/README.md shows',
    }),
    WEBHOOK_ALLOW_PRIVATE: bool({
      default: false,
      desc: 'Lets webhooks go over http and to private addresses: receivers in the same network',
    }),
  },
  [noSandboxInProduction('AUTH_ISSUER'), noLoopbackSmtpInProduction, oneSender],
) {}

/** It becomes a header of every mail. */
function oneSender({ MAIL_FROM }: { MAIL_FROM: string }): string[] {
  return ONE_LINE.test(MAIL_FROM) && isPlainAddress(addressOf(MAIL_FROM))
    ? []
    : ['MAIL_FROM should be one line with one address, such as Cinema <no-reply@cinema.example>'];
}

/** A local catcher of mails is a sandbox, and in production the mails would be lost in it. */
function noLoopbackSmtpInProduction(given: { NODE_ENV: string; ALLOW_SANDBOX: boolean; SMTP_URL: string }): string[] {
  if (given.NODE_ENV !== 'production' || given.ALLOW_SANDBOX) return [];
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(given.SMTP_URL).hostname)
    ? ['SMTP_URL points at this machine, a sandbox that production refuses; unset it or set ALLOW_SANDBOX=true']
    : [];
}
