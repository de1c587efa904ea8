import { codeAt } from './authenticator.ts';
import { callJson, eventually } from './client.ts';
import type { Tokens } from './shapes.ts';

/** An administrator whose second factor the caller can compute. */
export interface Administrator {
  email: string;
  password: string;
  totpSecret: string;
}

const STEP_MS = 30_000;

/** Codes that are good now, oldest first: each works once, so that three sign-ins fit into half a minute. */
export function codesOf({ totpSecret }: Administrator, now = Date.now()): string[] {
  return [now - STEP_MS, now, now + STEP_MS].map((at) => codeAt(totpSecret, at));
}

/** Signs an administrator in with password and code; waits for the next code when all current ones have been used. */
export async function signInAdministrator(auth: string, administrator: Administrator): Promise<Tokens> {
  const { email, password } = administrator;
  const tried = new Set<string>();
  return eventually(
    'no code of the second factor was taken',
    async () => {
      for (const code of codesOf(administrator)) {
        if (tried.has(code)) continue;
        tried.add(code);
        const asked = { method: 'POST', body: { email, password }, status: 401 };
        const { challenge } = await callJson<{ challenge: string }>(`${auth}/auth/login`, asked);
        const answer = await fetch(`${auth}/auth/mfa/verify`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ challenge, code }),
        });
        if (answer.ok) return (await answer.json()) as Tokens;
      }
      return undefined;
    },
    3 * STEP_MS,
  );
}
