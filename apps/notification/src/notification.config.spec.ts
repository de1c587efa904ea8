import { describe, expect, it } from 'vitest';
import { NotificationConfig } from './notification.config.js';

const GOOD = {
  NODE_ENV: 'production',
  REDIS_URL: 'redis://redis',
  RABBITMQ_URL: 'amqp://rabbitmq',
  AUTH_ISSUER: 'https://auth.example.com',
  AUTH_JWKS_URL: 'https://auth.example.com/.well-known/jwks.json',
  EVENT_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
  NOTIFICATION_PUBLIC_URL: 'https://messages.example.com',
  NOTIFICATION_MONGODB_URL: 'mongodb://mongodb/notification',
  SMTP_URL: 'smtps://smtp.example.com',
  MAIL_FROM: 'Кино <no-reply@cinema.example>',
};

describe('the settings', () => {
  it('are taken when they are good', () => {
    expect(new NotificationConfig(GOOD).MAIL_FROM).toBe(GOOD.MAIL_FROM);
  });

  it.each([
    ['SMTP_URL', 'smtp://localhost:25'],
    ['MAIL_FROM', 'Cinema\r\nBcc: evil@example.com <no-reply@cinema.example>'],
    ['MAIL_FROM', 'Cinema\u202e <no-reply@cinema.example>'],
    ['MAIL_FROM', 'Cinema'],
  ])('refuse %s of %j', (name, value) => {
    expect(() => new NotificationConfig({ ...GOOD, [name]: value })).toThrow(name);
  });
});
