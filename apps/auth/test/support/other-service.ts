import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessModule, CurrentUser, type Principal, SignedIn } from '#libs/access';
import { createService } from '#libs/http';
import { testRedisUrl } from '#libs/testing';

@Controller()
class WhoController {
  @Get('who')
  @SignedIn()
  who(@CurrentUser() principal: Principal): Principal {
    return principal;
  }
}

/** As much of billing or notification as recognises its callers: everything they do goes through libs/access. */
export class OtherService {
  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(authUrl: string, redisUrl = testRedisUrl()): Promise<OtherService> {
    @Module({
      imports: [
        AccessModule.forRootAsync({
          useFactory: () => ({
            issuer: 'http://auth.test',
            audience: 'billing',
            jwksUrl: `${authUrl}/.well-known/jwks.json`,
            redisUrl,
          }),
        }),
      ],
      controllers: [WhoController],
    })
    class OtherModule {}
    const app = await createService(OtherModule, {
      name: 'other',
      description: 'A service that is not auth.',
      publicUrl: 'http://other.test',
      logLevel: 'silent',
      corsOrigins: [],
      trustProxy: [],
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return new OtherService(app, await app.getUrl());
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  /** The status a token gets here. */
  async statusOf(accessToken: string): Promise<number> {
    const answer = await fetch(`${this.url}/who`, { headers: { authorization: `Bearer ${accessToken}` } });
    await answer.text();
    return answer.status;
  }

  /** Milliseconds until the token is refused here; fails after ten seconds. */
  async refuses(accessToken: string): Promise<number> {
    const from = performance.now();
    while ((await this.statusOf(accessToken)) !== 401) {
      if (performance.now() - from > 10_000) throw new Error('The token is still good');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - from;
  }
}
