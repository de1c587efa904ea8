import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the person at Google looks like. */
export type Claims = Record<string, unknown>;

interface Grant {
  claims: Claims;
  challenge: string;
  redirectUri: string;
}

/** As much of Google as passport speaks to, with the faults a real one may have. */
export class FakeGoogle {
  claims: Claims = {};
  /** Takes the place of the token or userinfo answer. */
  fault: { path: 'token' | 'userinfo'; answer: (response: ServerResponse) => void } | undefined;
  readonly seen: { path: string; authorization: string | undefined; query: string }[] = [];
  private readonly grants = new Map<string, Grant>();
  private readonly tokens = new Map<string, Claims>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return {
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'secret',
      GOOGLE_AUTH_URL: `${base}/auth`,
      GOOGLE_TOKEN_URL: `${base}/token`,
      GOOGLE_USERINFO_URL: `${base}/v3/userinfo`,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What happens in the browser at Google: the person agrees and comes back with a code. */
  consent(location: string): URL {
    const query = new URL(location).searchParams;
    const code = randomBytes(16).toString('hex');
    const redirectUri = query.get('redirect_uri')!;
    this.grants.set(code, { claims: { ...this.claims }, challenge: query.get('code_challenge')!, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state')!);
    return back;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://google.test');
    this.seen.push({ path: url.pathname, authorization: request.headers.authorization, query: url.search });
    const path = url.pathname === '/token' ? 'token' : 'userinfo';
    if (this.fault?.path === path) return this.fault.answer(response);
    if (path === 'userinfo')
      return json(response, 200, this.tokens.get(request.headers.authorization?.slice(7) ?? '') ?? {});
    const body = new URLSearchParams(await text(request));
    const grant = this.grants.get(body.get('code') ?? '');
    this.grants.delete(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (!grant || grant.challenge !== challenge || grant.redirectUri !== body.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant', error_description: 'Bad Request' });
    }
    const token = randomBytes(16).toString('hex');
    this.tokens.set(token, grant.claims);
    json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 3599 });
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
