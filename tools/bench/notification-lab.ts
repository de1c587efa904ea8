import { createServer, type Server } from 'node:http';
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { MongoClient } from 'mongodb';
import { SMTPServer } from 'smtp-server';
import { at } from '../local/addresses.ts';
import { Daemon, type Running } from '../local/daemon.ts';
import { freePort } from '../local/ports.ts';
import { startMongo } from '../local/stores/mongo.ts';
import { startRabbit } from '../local/stores/rabbit.ts';
import { startRedis } from '../local/stores/redis.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Receives mails, as fast as it can unless it is told to take its time, and remembers address and Message-ID only, or all if asked to. */
class Sink {
  readonly byAddress = new Map<string, string[]>();
  /** Whole mails by address, while this is set. */
  kept: Map<string, string> | undefined;
  count = 0;
  bytes = 0;
  /** Called for each mail, with its address. */
  onMail: (address: string) => void = () => undefined;
  /** How long the server takes to answer for a mail. */
  answerAfterMs = 0;
  readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onData: (stream, session, callback) => {
      let head = '';
      stream.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length;
        if (this.kept || head.length < 2_000) head += chunk.toString('latin1');
      });
      stream.on('end', () => {
        const address = session.envelope.rcptTo[0]?.address ?? '';
        this.kept?.set(address, head);
        const id = /^Message-ID: (\S+)/im.exec(head)?.[1] ?? '';
        this.byAddress.set(address, [...(this.byAddress.get(address) ?? []), id]);
        this.count++;
        this.onMail(address);
        if (this.answerAfterMs) setTimeout(callback, this.answerAfterMs);
        else callback();
      });
    },
  });
}

const MOST_WAIT_MS = 60_000;

function repeatedRegistration(email: string): Buffer {
  const [userId, at] = [randomUUID(), new Date().toISOString()];
  const event = {
    id: randomUUID(),
    name: 'auth.user.registration_repeated',
    version: 1,
    occurredAt: at,
    producer: 'auth',
    aggregateId: userId,
    aggregateVersion: 1,
    payload: { userId, email, locale: 'en', at },
  };
  return Buffer.from(JSON.stringify(event));
}

/** The built notification service on private stores, with everything around it that a campaign needs. */
export class NotificationLab {
  readonly sink = new Sink();
  readonly directory = join(
    process.env['TEST_DIRECTORY'] ?? tmpdir(),
    `notification-lab-${randomBytes(4).toString('hex')}`,
  );
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #jwks: Server = createServer((_request, response) => {
    const jwk = { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'lab', use: 'sig', alg: 'ES256' };
    // auth's keys and its revocations, whichever is asked for.
    response.end(JSON.stringify({ keys: [jwk], revocations: [] }));
  });
  stores!: { redis: Running; mongo: Running; rabbit: Running };
  service!: Daemon;
  smtpPort = 0;
  #issuer = '';
  #url = '';

  async start(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    const [httpPort, jwksPort, redisPort, mongoPort, rabbitPort, smtpPort] = await Promise.all(
      Array.from({ length: 6 }, freePort),
    );
    this.smtpPort = smtpPort!;
    this.#url = at(httpPort!);
    this.#issuer = at(jwksPort!);
    await new Promise<void>((resolve) => this.#jwks.listen(jwksPort, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => this.sink.server.listen(smtpPort!, '127.0.0.1', () => resolve()));
    this.sink.server.on('error', () => undefined);
    const under = (name: string): string => join(this.directory, name);
    const [redis, mongo, rabbit] = await Promise.all([
      startRedis({ directory: under('redis'), port: redisPort! }),
      startMongo({ directory: under('mongo'), port: mongoPort!, cacheDirectory: join(ROOT, '.local/cache') }),
      startRabbit({ directory: under('rabbit'), port: rabbitPort! }),
    ]);
    this.stores = { redis, mongo, rabbit };
    this.service = await Daemon.start({
      name: 'notification',
      url: this.#url,
      command: process.execPath,
      // As the service is started everywhere, with the heap that Node gives itself in the container of docker-compose.yml.
      args: ['--max-semi-space-size=16', '--max-old-space-size=256', join(ROOT, 'dist/apps/notification/src/main.js')],
      cwd: ROOT,
      env: this.#environment(httpPort!, redis.url, mongo.url, rabbit.url),
      logFile: under('notification.log'),
      ready: () =>
        fetch(`${this.#url}/health/live`).then(
          (answer) => answer.ok,
          () => false,
        ),
      retries: 3,
    });
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    await Promise.all(Object.values(this.stores ?? {}).map((store) => store.stop()));
    await new Promise<void>((resolve) => this.sink.server.close(() => resolve()));
    this.#jwks.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Works on the service's database and closes the connection again: the engine may be killed in between. */
  async withDatabase<T>(work: (db: ReturnType<MongoClient['db']>) => Promise<T>): Promise<T> {
    const client = await MongoClient.connect(this.stores.mongo.url);
    try {
      return await work(client.db('notification'));
    } finally {
      await client.close();
    }
  }

  /** Verified users, half of them English, half Russian, as the projection would hold them. */
  async addUsers(count: number): Promise<void> {
    await this.withDatabase(async (db) => {
      for (let done = 0; done < count; done += 10_000) {
        const users = Array.from({ length: Math.min(10_000, count - done) }, (_, index) => ({
          _id: randomUUID() as never,
          email: `user${done + index}@example.com`,
          locale: index % 2 ? 'ru' : 'en',
          emailVerified: true,
          roles: ['public_user'],
          blocked: false,
          registeredAt: new Date(),
        }));
        await db.collection('contacts').insertMany(users);
      }
    });
  }

  /** Forgets all users and what was sent to them. */
  async removeUsers(): Promise<void> {
    await this.withDatabase(async (db) => {
      for (const name of ['contacts', 'deliveries', 'notifications']) await db.collection(name).deleteMany({});
    });
  }

  /** Writes, approves and starts a campaign to everybody; returns its id. */
  async startCampaign(channels: string[], body: string): Promise<string> {
    const draft = {
      name: 'A new film',
      channels,
      audience: { type: 'all' },
      content: { en: { subject: 'A new film is out', body }, ru: { subject: 'Вышел новый фильм', body } },
    };
    const { id } = await this.call<{ id: string }>('POST', '/admin/campaigns', draft);
    await this.call('POST', `/admin/campaigns/${id}/approve`, undefined, randomUUID());
    await this.call('POST', `/admin/campaigns/${id}/start`, { confirm: true });
    return id;
  }

  /**
   * Tells the service, every `everyMs` until `until` resolves, that somebody signs up again, and measures how long the security mail
   * about it takes from there to the mail server. Milliseconds, in no order.
   */
  async securityMails(everyMs: number, until: Promise<void>): Promise<number[]> {
    const broker = await connect(this.stores.rabbit.url);
    const channel = await broker.createConfirmChannel();
    const asked = new Map<string, number>();
    const tookMs: number[] = [];
    let over = false;
    const ended = until.finally(() => (over = true));
    const all = new Promise<void>((resolve) => {
      this.sink.onMail = (address) => {
        const at = asked.get(address);
        if (at === undefined) return;
        asked.delete(address);
        tookMs.push(performance.now() - at);
        if (over && asked.size === 0) resolve();
      };
    });
    while (!over) {
      const email = `security-${randomBytes(8).toString('hex')}@example.com`;
      asked.set(email, performance.now());
      channel.publish('events', 'auth.user.registration_repeated.v1', repeatedRegistration(email), {
        persistent: true,
      });
      await channel.waitForConfirms();
      await delay(everyMs);
    }
    await ended;
    if (asked.size > 0) await Promise.race([all, delay(MOST_WAIT_MS)]);
    this.sink.onMail = () => undefined;
    await broker.close();
    // What has not come is as bad as the longest wait.
    return [...tookMs, ...Array.from(asked, () => MOST_WAIT_MS)];
  }

  async campaign(id: string): Promise<{ status: string; progress: Record<string, number> }> {
    return this.call('GET', `/admin/campaigns/${id}`);
  }

  readonly #admin = randomUUID();

  async call<T>(method: string, path: string, body?: unknown, userId: string = this.#admin): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token(userId)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  #token(sub: string): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      sub,
      sid: randomUUID(),
      roles: ['admin'],
      email_verified: true,
      iss: this.#issuer,
      aud: ['notification'],
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
    };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'lab' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  #environment(httpPort: number, redisUrl: string, mongoUrl: string, rabbitUrl: string): NodeJS.ProcessEnv {
    const mongo = new URL(mongoUrl);
    mongo.pathname = '/notification';
    return {
      PATH: process.env['PATH'],
      NODE_ENV: 'development',
      LOG_LEVEL: 'warn',
      REDIS_URL: redisUrl,
      RABBITMQ_URL: rabbitUrl,
      AUTH_ISSUER: this.#issuer,
      AUTH_JWKS_URL: `${this.#issuer}/jwks.json`,
      EVENT_SECRETS_KEY: randomBytes(32).toString('base64'),
      NOTIFICATION_HOST: '127.0.0.1',
      NOTIFICATION_PORT: String(httpPort),
      NOTIFICATION_PUBLIC_URL: this.#url,
      NOTIFICATION_MONGODB_URL: mongo.href,
      SMTP_URL: `smtp://127.0.0.1:${this.smtpPort}`,
      MAIL_FROM: 'Cinema <no-reply@cinema.example>',
    };
  }
}
