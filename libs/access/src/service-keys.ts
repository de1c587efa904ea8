import { createHash, timingSafeEqual } from 'node:crypto';

/** A key another service calls with: kept as its SHA-256, so that who reads the configuration cannot use it. */
export interface ServiceKey {
  /** Name of the service; several keys may bear it while one takes another's place. */
  name: string;
  sha256: Buffer;
}

/** The services that are known. */
export class ServiceKeys {
  constructor(private readonly keys: readonly ServiceKey[]) {}

  /** Whose key this is; undefined when it is nobody's. All keys are compared, each in constant time. */
  nameOf(key: string): string | undefined {
    const sha256 = createHash('sha256').update(key).digest();
    return this.keys.filter((known) => timingSafeEqual(known.sha256, sha256))[0]?.name;
  }
}
