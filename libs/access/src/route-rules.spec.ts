import { Controller, Get, Module, Post, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { Public, Roles } from './access.decorators.js';
import { AccessModule } from './access.module.js';

@Controller('half')
class HalfOpenController {
  @Get()
  @Public()
  open(): void {}

  @Post()
  @Roles('admin')
  closed(): void {}

  @Post('forgotten')
  forgotten(): void {}

  noRoute(): void {}
}

@Public()
@Controller('whole')
class OpenController {
  @Get()
  list(): void {}
}

/** As much of a parent as passes its routes on. */
class Inherited {
  @Get('inherited')
  inherited(): void {}
}

@Controller('child')
class ChildController extends Inherited {}

async function start(controller: Type<unknown>): Promise<void> {
  const access = AccessModule.forRootAsync({
    useFactory: () => ({ issuer: 'http://auth.test', audience: 'billing', jwksUrl: 'http://127.0.0.1:1/jwks.json' }),
  });
  @Module({ imports: [access], controllers: [controller] })
  class AppModule {}
  const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
  try {
    await app.init();
  } finally {
    await app.close();
  }
}

describe('a service', () => {
  it('does not start with a route that says neither who may call it nor that everybody may', async () => {
    await expect(start(HalfOpenController)).rejects.toThrow(
      'Routes with neither @Roles() nor @Public(): HalfOpenController.forgotten (POST)',
    );
  });

  it('does not start with such a route of a parent class', async () => {
    await expect(start(ChildController)).rejects.toThrow('ChildController.inherited (GET)');
  });

  it('starts when each route or its controller says so', async () => {
    await expect(start(OpenController)).resolves.toBeUndefined();
  });
});
