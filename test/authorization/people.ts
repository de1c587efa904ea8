import { randomUUID } from 'node:crypto';
import { signInAdministrator } from '../../tools/demo/administrator.ts';
import { codeAt } from '../../tools/demo/authenticator.ts';
import { call, callJson } from '../../tools/demo/client.ts';
import { newJourney, steps } from '../../tools/demo/journey.ts';
import type { Tokens } from '../../tools/demo/shapes.ts';
import type { TestStack } from '../../tools/local/test-stack.ts';

/** Whom a service may meet. */
export const PEOPLE = ['nobody', 'forger', 'signedOut', 'blocked', 'user', 'admin', 'superuser'] as const;
export type Person = (typeof PEOPLE)[number];

/** Access tokens; nobody has none. */
export type Passes = Record<Person, string | undefined>;

const PASSWORD = 'a quiet evening at home';

/** A user with a verified address. */
export async function newUser(
  stack: TestStack,
): Promise<{ email: string; password: string; tokens: Tokens; id: string }> {
  const journey = { ...newJourney(stack.url, stack.superuser), password: PASSWORD };
  for (const step of steps.slice(0, 2)) await step.run(journey);
  const { email, password } = journey;
  const tokens = await callJson<Tokens>(`${stack.url.auth}/auth/login`, { method: 'POST', body: { email, password } });
  const { id } = await callJson<{ id: string }>(`${stack.url.auth}/users/me`, { token: tokens.accessToken });
  return { email, password, tokens, id };
}

/** One of each. */
export async function everybody(stack: TestStack): Promise<Passes> {
  const { auth } = stack.url;
  const superuser = (await signInAdministrator(auth, stack.superuser)).accessToken;
  const [user, leaver, outlaw, clerk] = await Promise.all(Array.from({ length: 4 }, () => newUser(stack)));
  await call(`${auth}/auth/logout`, {
    method: 'POST',
    status: 204,
    body: { refreshToken: leaver!.tokens.refreshToken },
  });
  const block = { method: 'POST', token: superuser, status: 204, body: { reason: 'abuse' } };
  await call(`${auth}/admin/users/${outlaw!.id}/block`, block);
  return {
    nobody: undefined,
    forger: forged(user!.tokens.accessToken),
    signedOut: leaver!.tokens.accessToken,
    blocked: outlaw!.tokens.accessToken,
    user: user!.tokens.accessToken,
    admin: await appoint(stack, clerk!, superuser),
    superuser,
  };
}

/** Makes a user an administrator with a second factor and signs them in. */
export async function appoint(
  stack: TestStack,
  clerk: Awaited<ReturnType<typeof newUser>>,
  superuser: string,
): Promise<string> {
  const { auth } = stack.url;
  const token = clerk.tokens.accessToken;
  const { secret } = await callJson<{ secret: string }>(`${auth}/auth/mfa/totp`, {
    method: 'POST',
    token,
    body: {},
    status: 201,
  });
  const code = codeAt(secret, Date.now() - 30_000);
  await call(`${auth}/auth/mfa/totp/confirm`, { method: 'POST', token, body: { code } });
  const roles = { method: 'PUT', token: superuser, status: 204, body: { roles: ['public_user', 'admin'] } };
  await call(`${auth}/admin/users/${clerk.id}/roles`, roles);
  return (await signInAdministrator(auth, { ...clerk, totpSecret: secret })).accessToken;
}

/** The same claims as a super_user's, the signature of somebody else's. */
function forged(token: string): string {
  const [header, claims, signature] = token.split('.') as [string, string, string];
  const wanted = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), roles: ['super_user'] };
  return [header, Buffer.from(JSON.stringify(wanted)).toString('base64url'), signature].join('.');
}

/** An id nobody has. */
export const strangeId = (): string => randomUUID();
