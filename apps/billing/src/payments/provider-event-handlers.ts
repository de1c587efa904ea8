import { Injectable } from '@nestjs/common';
import type { ProviderEvent } from './payment-provider.js';

/** Deals with one event; false when it concerns nothing of ours. */
type Handler = (event: ProviderEvent) => Promise<boolean>;

/** Who deals with which kind of event; a kind nobody registered for is ignored. */
@Injectable()
export class ProviderEventHandlers {
  private readonly byPrefix = new Map<string, Handler>();

  /** `prefix` of the event's type, `checkout.session.` for example. */
  register(prefix: string, handler: Handler): void {
    if (this.byPrefix.has(prefix)) throw new Error(`Two handlers for ${prefix} events`);
    this.byPrefix.set(prefix, handler);
  }

  async handle(event: ProviderEvent): Promise<boolean> {
    for (const [prefix, handler] of this.byPrefix) {
      if (event.type.startsWith(prefix)) return handler(event);
    }
    return false;
  }
}
