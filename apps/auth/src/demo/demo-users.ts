import type { Locale } from '#libs/contracts';

/** Confirmed users for trying the product out. */
export const DEMO_USERS: readonly { email: string; locale: Locale }[] = [
  { email: 'viewer@example.com', locale: 'en' },
  { email: 'maria@example.com', locale: 'ru' },
];
export const DEMO_PASSWORD = 'correct horse battery';

/** The superuser of local stacks, known to tools/demo/users.ts as well. All of it is public, so that no production start has this user. */
export const DEMO_SUPERUSER = {
  email: 'super@cinema.example',
  password: 'local-superuser-passphrase',
  totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
} as const;
