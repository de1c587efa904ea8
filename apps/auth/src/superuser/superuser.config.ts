import { email, settings, str } from '#libs/config';

/** Read by `create-superuser` only; what is missing is asked for. */
export class SuperuserConfig extends settings({
  SUPERUSER_EMAIL: email({ default: '', desc: 'Address of the superuser (command create-superuser only)' }),
  SUPERUSER_PASSWORD: str({ default: '', desc: 'Password of the superuser (command create-superuser only)' }),
}) {}
