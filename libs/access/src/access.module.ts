import { type DynamicModule, type FactoryProvider, Module, type Provider } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AccessGuard } from './access.guard.js';
import { KeySource, RemoteKeySource } from './key-source.js';
import type { Audience } from './principal.js';
import { RevocationList } from './revocations/revocation-list.js';
import { RemoteRevocationSource, RevocationSource } from './revocations/revocation-source.js';
import { RouteRulesCheck } from './route-rules.check.js';
import { type ServiceKey, ServiceKeys } from './service-keys.js';
import { TokenExpectations, TokenVerifier } from './token-verifier.js';

/** How a service recognises its callers. */
export interface AccessOptions {
  issuer: string;
  audience: Audience;
  /** auth's JWKS document. auth itself gives a `keySource` to the module instead. */
  jwksUrl: string;
  /** Where the list of revoked tokens is kept; tests without revocations leave it out. */
  redisUrl?: string;
  /** Keys of the services that may call the routes marked with `@ServicesToo()`. */
  serviceKeys?: readonly ServiceKey[];
}

/** What `forRootAsync` takes. */
interface AccessAsyncOptions {
  imports?: DynamicModule['imports'];
  inject?: FactoryProvider['inject'];
  useFactory: FactoryProvider<AccessOptions>['useFactory'];
  /** Replaces the remote key source: auth reads its own table. */
  keySource?: Provider<KeySource>;
  /** Replaces the remote list of revocations: auth reads its own table. */
  revocationSource?: Provider<RevocationSource>;
}

const ACCESS_OPTIONS = Symbol('ACCESS_OPTIONS');

/** Puts the access guard in front of every route of the app and checks that every route has a rule. */
@Module({})
export class AccessModule {
  static forRootAsync(options: AccessAsyncOptions): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: [DiscoveryModule, JwtModule.register({}), ...(options.imports ?? [])],
      providers: [
        { provide: ACCESS_OPTIONS, inject: options.inject ?? [], useFactory: options.useFactory },
        { provide: TokenExpectations, inject: [ACCESS_OPTIONS], useFactory: (access: AccessOptions) => access },
        options.keySource ?? {
          provide: KeySource,
          inject: [ACCESS_OPTIONS],
          useFactory: (access: AccessOptions) => new RemoteKeySource({ url: access.jwksUrl }),
        },
        options.revocationSource ?? {
          provide: RevocationSource,
          inject: [ACCESS_OPTIONS],
          useFactory: remoteRevocations,
        },
        {
          provide: ServiceKeys,
          inject: [ACCESS_OPTIONS],
          useFactory: ({ serviceKeys = [] }: AccessOptions) => new ServiceKeys(serviceKeys),
        },
        RevocationList,
        TokenVerifier,
        RouteRulesCheck,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [TokenVerifier, RevocationList],
    };
  }
}

/** A service that names no Redis has no revocations to read; every token is good until it expires. */
function remoteRevocations({ redisUrl, jwksUrl }: AccessOptions): RevocationSource {
  if (redisUrl === undefined) return new NoRevocations();
  return new RemoteRevocationSource({ redisUrl, url: new URL('revocations.json', jwksUrl).toString() });
}

class NoRevocations extends RevocationSource {
  read(): Promise<[]> {
    return Promise.resolve([]);
  }
}
