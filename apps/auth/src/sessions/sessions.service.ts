import { Injectable } from '@nestjs/common';
import { NewDeviceLoginV1, RefreshReusedV1, uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { AuthConfig } from '../auth.config.js';
import { EmailChangeRequests } from '../mail-requests/email-change-requests.service.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { AccessTokensService } from './access-tokens.service.js';
import { type Client, clientKeyOf, type Device, deviceKeyOf, deviceOf, originOf } from './client.js';
import { hashOf, isRefreshToken, newRefreshToken, openAnswer, sealAnswer, type TokenPair } from './refresh-token.js';
import { SessionEndings } from './session-endings.service.js';
import { AccountChangedError, SessionEndedError } from './session.errors.js';
import { type NewSession, type PresentedToken, SessionsRepository } from './sessions.repository.js';

/** A session that was just opened. */
export interface OpenedSession {
  sessionId: string;
  device: Device;
  tokens: TokenPair;
}

/** The same client may ask again for this long: answers get lost, and browsers refresh in two tabs. */
const REPLAY_WINDOW_MS = 10_000;

@Injectable()
export class SessionsService {
  constructor(
    private readonly config: AuthConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly accessTokens: AccessTokensService,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
    private readonly endings: SessionEndings,
    private readonly emailChanges: EmailChangeRequests,
  ) {}

  /**
   * Opens a session for a user who has just proved who it is, and forgets the failures counted for `forgiven`; says so when the device is
   * a new one. Throws AccountChangedError.
   */
  async open(user: User, methods: string[], client: Client, forgiven: Buffer | null = null): Promise<OpenedSession> {
    const device = deviceOf(client.userAgent);
    const sessionId = uuidv7();
    const refreshToken = newRefreshToken();
    const access = await this.accessTokens.issue({
      userId: user.id,
      sessionId,
      roles: user.roles,
      emailVerified: user.emailVerified,
      tokenEpoch: user.tokenEpoch,
      methods,
    });
    const session: NewSession = {
      id: sessionId,
      userId: user.id,
      tokenEpoch: user.tokenEpoch,
      methods,
      client,
      device,
      deviceKey: deviceKeyOf(device),
      tokenHash: hashOf(refreshToken),
      refreshTtlSeconds: this.config.AUTH_REFRESH_TTL_SECONDS,
      forgiven,
    };
    const { opened, newDevice } = await this.sessions.open(session, false);
    if (newDevice) await this.openAnnounced(session);
    else if (!opened) throw new AccountChangedError();
    return { sessionId, device, tokens: { ...access, refreshToken } };
  }

  /**
   * Spends a refresh token for a new pair. The same client asking again within ten seconds gets the same pair; a spent token
   * that comes back later, however old it is, or from elsewhere, ends the session and is announced (RFC 9700, 4.14.2). Throws SessionEndedError.
   */
  async refresh(refreshToken: string, client: Client): Promise<TokenPair> {
    if (!isRefreshToken(refreshToken)) throw new SessionEndedError();
    const pair = await this.unitOfWork.run(async () => {
      const presented = await this.sessions.present(hashOf(refreshToken));
      if (!presented?.live) return undefined;
      if (presented.spentMsAgo === null) {
        return presented.expired ? undefined : this.rotate(refreshToken, presented, client);
      }
      const replayed = this.replay(refreshToken, presented, client);
      if (!replayed) await this.endReused(presented, client);
      return replayed;
    });
    // Thrown after the commit: the end of the session must stay.
    if (!pair) throw new SessionEndedError();
    return pair;
  }

  /** Ends the session a refresh token belongs to, whether it is spent or not. Nothing happens when there is none. */
  async logout(refreshToken: string): Promise<void> {
    if (isRefreshToken(refreshToken)) await this.endFamilyOf(hashOf(refreshToken));
  }

  /** Ends the session of a refresh token of which only the hash is known. Nothing happens when there is none. */
  async endFamilyOf(tokenHash: Buffer): Promise<void> {
    const session = await this.sessions.ofToken(tokenHash);
    if (session) await this.endOne(session.userId, session.id);
  }

  /** The session's user has given a second factor just now. */
  async raise(sessionId: string): Promise<void> {
    await this.sessions.raise(sessionId);
  }

  /** Ends one session of a user; false when the user has no such live session. */
  async endOne(userId: string, sessionId: string): Promise<boolean> {
    return this.unitOfWork.run(() => this.endings.end(userId, sessionId, 'logout'));
  }

  /** Ends every other session; the one that asks keeps its access token too. */
  async endOthers(userId: string, sessionId: string): Promise<void> {
    await this.unitOfWork.run(() => this.endings.endOthers(userId, sessionId));
  }

  /** Ends every session of a user. */
  async logoutAll(userId: string): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.users.lock(userId);
      await this.endings.endAll(userId, 'logout_all');
    });
  }

  private async rotate(
    refreshToken: string,
    presented: PresentedToken,
    client: Client,
  ): Promise<TokenPair | undefined> {
    const { sessionId, user } = presented;
    const successor = newRefreshToken();
    const access = await this.accessTokens.issue({
      userId: user.id,
      sessionId,
      roles: user.roles,
      emailVerified: user.emailVerified,
      tokenEpoch: user.tokenEpoch,
      methods: presented.methods,
    });
    const pair: TokenPair = { ...access, refreshToken: successor };
    const spent = {
      tokenHash: hashOf(refreshToken),
      by: clientKeyOf(client),
      sealedAnswer: sealAnswer(pair, refreshToken),
    };
    const rotated = await this.sessions.rotate(spent, hashOf(successor), this.config.AUTH_REFRESH_TTL_SECONDS);
    return rotated ? pair : undefined;
  }

  private replay(refreshToken: string, presented: PresentedToken, client: Client): TokenPair | undefined {
    const { spentMsAgo, spentBy, sealedAnswer } = presented;
    const inTime = spentMsAgo !== null && spentMsAgo <= REPLAY_WINDOW_MS;
    if (!inTime || !sealedAnswer || !spentBy?.equals(clientKeyOf(client))) return undefined;
    return openAnswer(sealedAnswer, refreshToken);
  }

  private async endReused({ sessionId, user }: PresentedToken, client: Client): Promise<void> {
    if (!(await this.endings.end(user.id, sessionId, 'refresh_reused'))) return;
    await this.emailChanges.withdraw(user.id);
    const { version, locale } = await this.users.nextVersionAndLocale(user.id);
    const at = new Date().toISOString();
    const event = new RefreshReusedV1({ userId: user.id, sessionId, ip: client.ip, at, locale });
    await this.outbox.add(event, { aggregateId: user.id, aggregateVersion: version });
    await this.audit.record({
      actorId: null,
      action: 'session.refresh_reused',
      subjectId: user.id,
      after: { sessionId },
    });
  }

  /** Only a new device has something to say, and so needs a transaction of several statements. */
  private async openAnnounced(session: NewSession): Promise<void> {
    await this.unitOfWork.run(async () => {
      const { opened, newDevice } = await this.sessions.open(session, true);
      if (!opened) throw new AccountChangedError();
      // Another sign-in may have brought the device in meanwhile.
      if (newDevice) await this.announceNewDevice(session);
    });
  }

  private async announceNewDevice({ userId, client }: NewSession): Promise<void> {
    const { version, locale } = await this.users.nextVersionAndLocale(userId);
    const event = new NewDeviceLoginV1({ userId, ...originOf(client), at: new Date().toISOString(), locale });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: version });
  }
}
