import { type DynamicModule, type ExecutionContext, type FactoryProvider, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { normalizeIp, ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { FallbackThrottlerStorage } from './fallback.storage.js';
import { type LimitKind, LIMIT_KINDS, LIMITED_BY } from './limits.decorator.js';
import { identifierOf, LimitsGuard } from './limits.guard.js';

/** Where requests are counted. */
export interface ThrottlingOptions {
  redisUrl: string;
  /** Prefix of the keys, by house rule `<app>:limit:`. */
  app: string;
  /** How long a count may take before this process counts alone; 100 by default. */
  timeoutMs?: number;
}

const reflector = new Reflector();

function isCountedBy(kind: LimitKind, context: ExecutionContext): boolean {
  const kinds = reflector.getAllAndOverride<string[] | undefined>(LIMITED_BY, [
    context.getHandler(),
    context.getClass(),
  ]);
  if (!kinds?.includes(kind)) return false;
  return kind !== 'service' || context.switchToHttp().getRequest<{ service?: string }>().service !== undefined;
}

const TRACKERS: Record<LimitKind, (request: Record<string, unknown>) => string> = {
  ip: (request) => normalizeIp(String(request.ip)),
  identifier: (request) => identifierOf(request.body),
  pair: (request) => `${normalizeIp(String(request.ip))}|${identifierOf(request.body)}`,
  service: (request) => String(request.service),
};

/** Puts the limits guard in front of every route; only routes with `@Limits()` are counted. */
@Module({})
export class ThrottlingModule {
  static forRootAsync(options: Pick<FactoryProvider<ThrottlingOptions>, 'inject' | 'useFactory'>): DynamicModule {
    const throttler = ThrottlerModule.forRootAsync({
      inject: options.inject ?? [],
      useFactory: async (...dependencies: unknown[]): Promise<ThrottlerModuleOptions> => {
        const { redisUrl, app, timeoutMs } = await options.useFactory(...dependencies);
        const storage = new FallbackThrottlerStorage(redisUrl, `${app}:limit:`, timeoutMs);
        await storage.connect();
        return {
          storage,
          throttlers: LIMIT_KINDS.map((kind) => ({
            name: kind,
            // Never reached: a kind without a route's own numbers is skipped.
            limit: 0,
            ttl: 1,
            skipIf: (context) => !isCountedBy(kind, context),
            getTracker: (request) => TRACKERS[kind](request),
          })),
        };
      },
    });
    return {
      module: ThrottlingModule,
      imports: [throttler],
      providers: [{ provide: APP_GUARD, useClass: LimitsGuard }],
    };
  }
}
