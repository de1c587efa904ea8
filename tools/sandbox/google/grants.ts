import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Journal, Table } from '../core/journal.ts';

const CODE_SECONDS = 600;
const ACCESS_SECONDS = 3599;

/** One browser's sign-in under way, already checked; forms name it instead of repeating its parameters. */
export interface Interaction {
  id: string;
  clientId: string;
  redirectUri: string;
  scope: string[];
  state: string | null;
  nonce: string | null;
  challenge: string;
  prompt: string[];
  offline: boolean;
  sub: string | null;
  startedAt: number;
}

export interface Code {
  interaction: Interaction;
  sub: string;
  issuedAt: number;
  used: boolean;
}

interface Token {
  sub: string;
  scope: string[];
  clientId: string;
  code: string;
  expiresAt: number;
  kind: 'access' | 'refresh';
}

/** Interactions, codes, tokens and remembered consents. Times are seconds of the sandbox clock. */
export class Grants {
  readonly #clock: Clock;
  readonly #interactions = new Map<string, Interaction>();
  readonly #codes: Table<Code>;
  readonly #tokens: Table<Token>;
  readonly #consents: Table<boolean>;

  constructor(journal: Journal, clock: Clock) {
    this.#clock = clock;
    this.#codes = journal.table('google.codes');
    this.#tokens = journal.table('google.tokens');
    this.#consents = journal.table('google.consents');
  }

  start(request: Omit<Interaction, 'id' | 'sub' | 'startedAt'>): Interaction {
    const now = this.#clock.seconds();
    for (const [id, { startedAt }] of this.#interactions)
      if (startedAt < now - CODE_SECONDS) this.#interactions.delete(id);
    const interaction: Interaction = {
      ...request,
      id: randomBytes(24).toString('base64url'),
      sub: null,
      startedAt: now,
    };
    this.#interactions.set(interaction.id, interaction);
    return interaction;
  }

  interaction(id: string): Interaction | undefined {
    return this.#interactions.get(id);
  }

  end(interaction: Interaction): void {
    this.#interactions.delete(interaction.id);
  }

  consented(sub: string, clientId: string): boolean {
    return this.#consents.get(`${sub} ${clientId}`) ?? false;
  }

  /** A one-use code, good for ten minutes. */
  issueCode(interaction: Interaction, sub: string): string {
    this.#consents.put(`${sub} ${interaction.clientId}`, true);
    const code = `4/0A${randomBytes(32).toString('base64url')}`;
    this.#codes.put(code, { interaction, sub, issuedAt: this.#clock.seconds(), used: false });
    return code;
  }

  /** The code's grant, or undefined when it is unknown, too old or used; using it again revokes what it gave (RFC 6749 4.1.2). */
  redeem(code: string, reusable: boolean): Code | undefined {
    const grant = this.#codes.get(code);
    if (!grant || grant.issuedAt + CODE_SECONDS < this.#clock.seconds()) return undefined;
    if (grant.used && !reusable) {
      this.#revokeOf(code);
      return undefined;
    }
    this.#codes.put(code, { ...grant, used: true });
    return grant;
  }

  issueToken(
    kind: Token['kind'],
    code: string,
    grant: { sub: string; scope: string[]; clientId: string },
  ): { token: string; expiresIn: number } {
    const token = `${kind === 'access' ? 'ya29.a0' : '1//0'}${randomBytes(48).toString('base64url')}`;
    const expiresAt = this.#clock.seconds() + (kind === 'access' ? ACCESS_SECONDS : 180 * 86_400);
    this.#tokens.put(token, { ...grant, code, kind, expiresAt });
    return { token, expiresIn: ACCESS_SECONDS };
  }

  token(token: string, kind: Token['kind']): Token | undefined {
    const found = this.#tokens.get(token);
    return found && found.kind === kind && found.expiresAt > this.#clock.seconds() ? found : undefined;
  }

  /** Revoking either token ends both; false when it is unknown. */
  revoke(token: string): boolean {
    const found = this.#tokens.get(token);
    if (found) this.#revokeOf(found.code);
    return found !== undefined;
  }

  #revokeOf(code: string): void {
    const table = this.#tokens;
    for (const key of table.keys()) if (table.get(key)?.code === code) table.delete(key);
  }
}

/** S256 of RFC 7636. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
