import type { Administrator } from './administrator.ts';

/** The superuser that auth's `seed:demo` adds outside production; its key is public, so that nobody needs a phone to try the product. */
export const DEMO_SUPERUSER: Administrator = {
  email: 'super@cinema.example',
  password: 'local-superuser-passphrase',
  totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
};

/** The users that auth's `seed:demo` adds. */
export const DEMO_USERS = { emails: ['viewer@example.com', 'maria@example.com'], password: 'correct horse battery' };
