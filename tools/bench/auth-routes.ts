// A service with one route twice, open and for signed-in users, on the built libs; tells its port to the bench that forked it.
import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Controller, Get, Module } from '@nestjs/common';

interface Access {
  AccessModule: { forRootAsync(options: object): never };
  Public(): MethodDecorator;
  SignedIn(): MethodDecorator;
}
interface Http {
  createService(
    module: unknown,
    options: object,
  ): Promise<{ listen(at: object): Promise<void>; getUrl(): Promise<string> }>;
}

const lib = (name: string): Promise<unknown> =>
  import(pathToFileURL(join(import.meta.dirname, `../../dist/libs/${name}/src/index.js`)).href);
const { AccessModule, Public, SignedIn } = (await lib('access')) as Access;
const { createService } = (await lib('http')) as Http;

class Routes {
  open(): { ok: boolean } {
    return { ok: true };
  }
  closed(): { ok: boolean } {
    return { ok: true };
  }
}

/** Type stripping leaves no decorators: they are called by hand. */
function route(name: 'open' | 'closed', rule: MethodDecorator): void {
  const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, name)!;
  Get(name)(Routes.prototype, name, descriptor);
  rule(Routes.prototype, name, descriptor);
}
route('open', Public());
route('closed', SignedIn());
Controller()(Routes);

class Service {}
const authUrl = process.argv[2]!;
const access = {
  issuer: process.env['AUTH_ISSUER'],
  audience: 'billing',
  jwksUrl: `${authUrl}/.well-known/jwks.json`,
  redisUrl: process.env['REDIS_URL'],
};
Module({ imports: [AccessModule.forRootAsync({ useFactory: () => access })], controllers: [Routes] })(Service);

const app = await createService(Service, {
  name: 'bench',
  description: 'One route, open and closed.',
  publicUrl: authUrl,
  logLevel: 'silent',
  corsOrigins: [],
  trustProxy: [],
});
await app.listen({ host: '127.0.0.1', port: 0 });
// Asked for it, says how much of the processor it has used: that does not depend on what else the machine does.
process.on('message', () => process.send!(process.cpuUsage()));
process.send!(Number(new URL(await app.getUrl()).port));
