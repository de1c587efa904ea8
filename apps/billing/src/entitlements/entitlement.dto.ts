import { Uuid } from '#libs/http';
import type { Features } from '../plans/plan.js';
import type { EntitlementState } from './entitlements.repository.js';

export class EntitledUserDto {
  @Uuid()
  userId!: string;
}

export class EntitlementDto {
  product!: string;
  /** Switches, limits and grades by name. */
  features!: Record<string, string | number | boolean>;
  /** End of the unbroken access; the moment itself does not belong to it. */
  activeUntil!: string;

  static of(item: { product: string; features: Features; activeUntil: Date }): EntitlementDto {
    return { product: item.product, features: item.features, activeUntil: item.activeUntil.toISOString() };
  }
}

export class EntitlementsDto {
  userId!: string;
  items!: EntitlementDto[];
  /** Grows with every change; an answer with a lower one is older. */
  version!: number;
  /** Why there is nothing although it may be paid for: auth has blocked or deleted the user. */
  withheld!: 'blocked' | 'deleted' | null;

  static of(userId: string, state: EntitlementState): EntitlementsDto {
    return {
      userId,
      items: state.items.map((item) => EntitlementDto.of(item)),
      version: state.version,
      withheld: state.withheld,
    };
  }
}
