import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getConnectionToken } from '@nestjs/mongoose';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import amqp, { type ChannelModel, type ConfirmChannel } from 'amqplib';
import type { Connection } from 'mongoose';
import type { Role } from '#libs/access';
import {
  type ContractClass,
  contractOf,
  type Facts,
  type Locale,
  routingKeyOf,
  UserRegisteredV1,
  uuidv7,
} from '#libs/contracts';
import { createTestMongoDatabase, TestIssuer, testNamespace, testRedisUrl, testStores } from '#libs/testing';
import { createNotificationApp } from '../src/notification.app.js';
import { NotificationConfig } from '../src/notification.config.js';
import { MailSink } from './mail-sink.js';

/** 32 bytes for sealing links in tests. */
export const SECRETS_KEY = Buffer.alloc(32, 7);

/** A user the lab has announced. */
export interface LabUser {
  userId: string;
  email: string;
  locale: Locale;
}

/** The whole service on private stores, with a broker to speak to it, a mail server to listen and a signer of tokens. */
export class NotificationLab {
  readonly mails = new MailSink();
  readonly issuer = new TestIssuer();
  readonly namespace = testNamespace();
  private readonly database = createTestMongoDatabase();
  private readonly jwks: Server = createServer((_request, response) =>
    response.end(JSON.stringify({ ...this.issuer.jwks(), revocations: [] })),
  );
  app!: NestFastifyApplication;
  private broker!: ChannelModel;
  private channel!: ConfirmChannel;

  /** Settings the app is started with. */
  environment: NodeJS.ProcessEnv = {};

  async start(overrides: NodeJS.ProcessEnv = {}): Promise<void> {
    const smtpUrl = await this.mails.start();
    await new Promise<void>((resolve) => this.jwks.listen(0, '127.0.0.1', resolve));
    this.environment = {
      NODE_ENV: 'test',
      LOG_LEVEL: 'error',
      REDIS_URL: testRedisUrl(),
      RABBITMQ_URL: testStores().TEST_RABBITMQ_URL,
      MESSAGING_NAMESPACE: this.namespace,
      AUTH_ISSUER: this.issuer.issuer,
      AUTH_JWKS_URL: `http://127.0.0.1:${(this.jwks.address() as AddressInfo).port}`,
      EVENT_SECRETS_KEY: SECRETS_KEY.toString('base64'),
      NOTIFICATION_HOST: '127.0.0.1',
      NOTIFICATION_PUBLIC_URL: 'http://127.0.0.1:3003',
      NOTIFICATION_MONGODB_URL: this.database.url,
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'Cinema <no-reply@cinema.example>',
      ...overrides,
    };
    await this.startApp();
    this.broker = await amqp.connect(testStores().TEST_RABBITMQ_URL);
    this.channel = await this.broker.createConfirmChannel();
  }

  async startApp(): Promise<void> {
    this.app = await createNotificationApp(new NotificationConfig(this.environment));
    await this.app.listen({ host: '127.0.0.1', port: 0 });
  }

  async stop(): Promise<void> {
    await this.broker.close();
    await this.app.close();
    await this.mails.stop();
    await new Promise((resolve) => this.jwks.close(resolve));
    await this.database.drop();
  }

  get db(): Connection {
    return this.app.get<Connection>(getConnectionToken());
  }

  get url(): string {
    return `http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`;
  }

  /** Publishes an event as its producer would; the same `id` makes it the same event. */
  async publish(event: object, about: { aggregateId: string; aggregateVersion: number; id?: string }): Promise<string> {
    const contract = event.constructor as ContractClass;
    const { name, version } = contractOf(contract);
    const id = about.id ?? uuidv7();
    const { aggregateId, aggregateVersion } = about;
    const occurredAt = new Date().toISOString();
    const envelope = {
      id,
      name,
      version,
      occurredAt,
      producer: name.split('.')[0],
      aggregateId,
      aggregateVersion,
      payload: event,
    };
    const body = Buffer.from(JSON.stringify(envelope));
    await new Promise<void>((resolve, reject) =>
      this.channel.publish(
        `${this.namespace}events`,
        routingKeyOf(contract),
        body,
        { messageId: id, persistent: true, mandatory: true },
        (error) => (error ? reject(error as Error) : resolve()),
      ),
    );
    return id;
  }

  /** A verified user, known to the service. */
  async addUser(locale: Locale = 'en', facts: Partial<Facts<UserRegisteredV1>> = {}): Promise<LabUser> {
    const userId = facts.userId ?? randomUUID();
    const email = `${userId.slice(0, 8)}@example.com`;
    const registered = {
      userId,
      email,
      locale,
      emailVerified: true,
      roles: ['public_user'],
      registeredAt: new Date().toISOString(),
      ...facts,
    };
    await this.publish(new UserRegisteredV1(registered), { aggregateId: userId, aggregateVersion: 1 });
    await this.until(async () => (await this.db.collection('contacts').countDocuments({ _id: userId as never })) === 1);
    return { userId, email: registered.email, locale };
  }

  /** Many users at once, as the projection would hold them. */
  async addContacts(count: number, facts: Record<string, unknown> = {}): Promise<LabUser[]> {
    const users = Array.from({ length: count }, (_, index): LabUser => {
      const userId = randomUUID();
      return { userId, email: `${userId}@example.com`, locale: index % 2 === 0 ? 'en' : 'ru' };
    });
    const contacts = users.map(({ userId, email, locale }) => ({
      _id: userId,
      email,
      locale,
      emailVerified: true,
      roles: ['public_user'],
      blocked: false,
      registeredAt: new Date(),
      ...facts,
    }));
    await this.db.collection('contacts').insertMany(contacts as never[]);
    return users;
  }

  /** Calls the API as a user. */
  async call<T = unknown>(
    method: string,
    path: string,
    as?: { userId: string; roles?: Role[] },
    body?: unknown,
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(as && { authorization: `Bearer ${this.issuer.token(as.userId, as.roles)}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  }

  /** Polls where no event tells: MongoDB's embedded engine has no change streams. */
  async until(holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error('It did not become true in time');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
