import { Injectable, type MessageEvent, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Observable } from 'rxjs';
import { TokenVerifier } from '#libs/access';
import { InboxArrivals } from './inbox-arrivals.service.js';
import { TooManyStreamsError } from './inbox.errors.js';
import { InboxRepository } from './inbox.repository.js';
import { InboxStream } from './inbox-stream.js';
import { StreamPosition } from './stream-position.js';

/** More windows than one person has open; the oldest stream makes room. */
const MOST_PER_USER = 5;
const MOST_IN_ALL = 5_000;
/** How soon a stream ends after its session or its token. */
const CHECK_EVERY_MS = 1_000;
/** How soon a message is seen whose announcement was lost. */
const LOOK_EVERY_CHECKS = 3;

/** The open streams of this replica, by user. */
@Injectable()
export class InboxStreams implements OnModuleInit, OnModuleDestroy {
  private readonly streams = new Map<string, Set<InboxStream>>();
  private timer: NodeJS.Timeout | undefined;
  private checks = 0;

  constructor(
    private readonly inbox: InboxRepository,
    private readonly arrivals: InboxArrivals,
    private readonly verifier: TokenVerifier,
  ) {}

  onModuleInit(): void {
    this.arrivals.listen((userIds) => {
      for (const userId of userIds) this.streams.get(userId)?.forEach((stream) => stream.look());
    });
    this.timer = setInterval(() => this.check(), CHECK_EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    for (const stream of this.all()) stream.end();
  }

  /**
   * The user's messages from `lastEventId` on, or from now. Throws StreamPositionInvalidError, and TooManyStreamsError when this
   * replica carries no more.
   */
  open(userId: string, token: string, lastEventId?: string): Observable<MessageEvent> {
    const now = new Date();
    const position = lastEventId ? StreamPosition.parse(lastEventId, now) : StreamPosition.at(now);
    if (this.all().length >= MOST_IN_ALL) throw new TooManyStreamsError();
    return new Observable((subscriber) => {
      const read = (since: Date) => this.inbox.arrivedSince(userId, since);
      const stream = new InboxStream(read, () => this.verifier.verify(token), position, subscriber);
      const own = this.streams.get(userId) ?? new Set();
      this.streams.set(userId, own.add(stream));
      if (own.size > MOST_PER_USER) [...own][0]!.end();
      stream.begin();
      return () => {
        stream.end();
        own.delete(stream);
        if (own.size === 0) this.streams.delete(userId);
      };
    });
  }

  private all(): InboxStream[] {
    return [...this.streams.values()].flatMap((own) => [...own]);
  }

  private check(): void {
    this.checks++;
    for (const stream of this.all()) {
      void stream.endUnlessAllowed();
      if (this.checks % LOOK_EVERY_CHECKS === 0) stream.look();
    }
  }
}
