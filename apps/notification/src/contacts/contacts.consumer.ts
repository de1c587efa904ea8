import { Controller, UseInterceptors } from '@nestjs/common';
import {
  EntitlementChangedV1,
  NewDeviceLoginV1,
  TopUpSettledV1,
  UserBlockedV1,
  UserDeletedV1,
  UserEmailChangedV1,
  UserLocaleChangedV1,
  UserRegisteredV1,
  UserRolesChangedV1,
  UserVerifiedV1,
} from '#libs/contracts';
import { Consumes, type Received } from '#libs/messaging';
import { StoreFaultsInterceptor } from '../store/store-faults.interceptor.js';
import { ContactsRepository } from './contacts.repository.js';
import { PersonalData } from './personal-data.js';

const CONSUMER = 'notification.contacts';

/** What this feature listens to. */
export const CONTACTS_CONSUMES = {
  [CONSUMER]: [
    UserRegisteredV1,
    UserVerifiedV1,
    UserEmailChangedV1,
    UserLocaleChangedV1,
    UserRolesChangedV1,
    UserBlockedV1,
    UserDeletedV1,
    NewDeviceLoginV1,
    EntitlementChangedV1,
    TopUpSettledV1,
  ],
};

/** Keeps the contacts in step with auth and billing. */
@Controller()
@UseInterceptors(StoreFaultsInterceptor)
export class ContactsConsumer {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly personalData: PersonalData,
  ) {}

  @Consumes(CONSUMER, UserRegisteredV1)
  async onRegistered({ payload, aggregateVersion }: Received<UserRegisteredV1>): Promise<void> {
    const { userId, email, locale, emailVerified, roles } = payload;
    const registeredAt = new Date(payload.registeredAt);
    const facts = { email, locale, emailVerified, roles, blocked: false, registeredAt };
    await this.contacts.apply(userId, aggregateVersion, facts);
  }

  @Consumes(CONSUMER, UserVerifiedV1)
  async onVerified({ payload, aggregateVersion }: Received<UserVerifiedV1>): Promise<void> {
    const { userId, email, locale } = payload;
    await this.contacts.apply(userId, aggregateVersion, { email, locale, emailVerified: true });
  }

  @Consumes(CONSUMER, UserEmailChangedV1)
  async onEmailChanged({ payload, aggregateVersion }: Received<UserEmailChangedV1>): Promise<void> {
    const { userId, email, locale } = payload;
    await this.contacts.apply(userId, aggregateVersion, { email, locale });
  }

  @Consumes(CONSUMER, UserLocaleChangedV1)
  async onLocaleChanged({ payload, aggregateVersion }: Received<UserLocaleChangedV1>): Promise<void> {
    await this.contacts.apply(payload.userId, aggregateVersion, { locale: payload.locale });
  }

  @Consumes(CONSUMER, UserRolesChangedV1)
  async onRolesChanged({ payload, aggregateVersion }: Received<UserRolesChangedV1>): Promise<void> {
    await this.contacts.apply(payload.userId, aggregateVersion, { roles: payload.roles });
  }

  @Consumes(CONSUMER, UserBlockedV1)
  async onBlocked({ payload, aggregateVersion }: Received<UserBlockedV1>): Promise<void> {
    const { userId, blocked, until } = payload;
    const blockedUntil = blocked && until ? new Date(until) : null;
    await this.contacts.apply(userId, aggregateVersion, { blocked, blockedUntil });
  }

  @Consumes(CONSUMER, UserDeletedV1)
  async onDeleted({ payload }: Received<UserDeletedV1>): Promise<void> {
    await this.contacts.forget(payload.userId, new Date(payload.deletedAt));
    await this.personalData.erase(payload.userId);
  }

  @Consumes(CONSUMER, NewDeviceLoginV1)
  async onNewDevice({ payload }: Received<NewDeviceLoginV1>): Promise<void> {
    await this.contacts.sawDevice(payload.userId, payload.deviceType, new Date(payload.at));
  }

  @Consumes(CONSUMER, EntitlementChangedV1)
  async onEntitlementChanged({ payload }: Received<EntitlementChangedV1>): Promise<void> {
    const { userId, product, version, activeUntil } = payload;
    await this.contacts.applyPlan(userId, product, version, activeUntil ? new Date(activeUntil) : null);
  }

  @Consumes(CONSUMER, TopUpSettledV1)
  async onTopUpSettled({ payload }: Received<TopUpSettledV1>): Promise<void> {
    await this.contacts.holdsCurrency(payload.userId, payload.creditedCurrency);
  }
}
