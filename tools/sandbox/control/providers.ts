import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ControlError } from './errors.ts';
import type { ControlWorld } from './world.ts';

/** Google accounts, exchange rates and mail, as a test wants them. */
export function providerRoutes(app: FastifyInstance, sandbox: ControlWorld): void {
  const { accounts } = sandbox.google;

  app.get('/_sandbox/google/accounts', async () => ({ items: accounts.list() }));

  app.post('/_sandbox/google/accounts', async (request, reply) => {
    const { email, name = '' } = bodyOf(request);
    if (typeof email !== 'string' || !email.includes('@')) throw new ControlError(422, 'email is an address');
    return reply.code(201).send(accounts.forEmail(email, String(name)));
  });

  app.patch('/_sandbox/google/accounts/:sub', async (request) => {
    const account = accounts.find((request.params as { sub: string }).sub);
    if (!account) throw new ControlError(404, 'no such account');
    const { email, email_verified: verified, name } = bodyOf(request);
    return accounts.save({
      ...account,
      ...(typeof email === 'string' && { email }),
      ...(typeof verified === 'boolean' && { email_verified: verified }),
      ...(typeof name === 'string' && { name }),
    });
  });

  app.get('/_sandbox/fx/rates', async () => ({ perDollar: sandbox.rates.perDollar(sandbox.clock.now()) }));

  app.put('/_sandbox/fx/rates', async (request) => {
    for (const [code, rate] of Object.entries(bodyOf(request))) {
      if (rate !== null && typeof rate !== 'number') throw new ControlError(422, `${code} is a number or null`);
      sandbox.rates.fix(code, rate);
    }
    return { perDollar: sandbox.rates.perDollar(sandbox.clock.now()) };
  });

  app.get('/_sandbox/mail/counts', async (request) => {
    const { messageId } = request.query as Record<string, string | undefined>;
    const items = sandbox.mailbox.counts().filter((count) => messageId === undefined || count.messageId === messageId);
    return { items, duplicates: items.filter(({ accepted }) => accepted > 1).length };
  });
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  return typeof request.body === 'object' && request.body !== null ? (request.body as Record<string, unknown>) : {};
}
