import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { Roles, Weighty } from './access.decorators.js';
import { RevocationsUnavailableError } from './access.errors.js';
import { AccessGuard } from './access.guard.js';
import type { Role } from './principal.js';
import type { RevocationList } from './revocations/revocation-list.js';
import { ServiceKeys } from './service-keys.js';
import type { TokenVerifier } from './token-verifier.js';

class Routes {
  @Roles('public_user', 'admin')
  everybodys(): void {}

  @Roles('public_user', 'admin')
  @Weighty()
  withMoney(): void {}

  @Roles('admin')
  administrators(): void {}
}

/** Lets an administrator in while the list of revocations has not been read for over a minute. */
function enter(route: keyof Routes): Promise<boolean> {
  const verifier = { verify: () => Promise.resolve({ roles: ['public_user', 'admin'] satisfies Role[] }) };
  const revocations: Pick<RevocationList, 'assertCurrent'> = {
    assertCurrent: () => {
      throw new RevocationsUnavailableError();
    },
  };
  const guard = new AccessGuard(
    new Reflector(),
    verifier as unknown as TokenVerifier,
    new ServiceKeys([]),
    revocations as RevocationList,
  );
  const authorization = 'Bearer a.b.c';
  const request = { headers: { authorization }, raw: { rawHeaders: ['Authorization', authorization] } };
  return guard.canActivate({
    getType: () => 'http',
    getHandler: () => Routes.prototype[route],
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext);
}

describe('without word of revocations for over a minute', () => {
  it('what any user may do goes on', async () => {
    await expect(enter('everybodys')).resolves.toBe(true);
  });

  it.each(['withMoney', 'administrators'] as const)('%s is told to come back', async (route) => {
    await expect(enter(route)).rejects.toBeInstanceOf(RevocationsUnavailableError);
  });
});
