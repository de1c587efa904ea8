import { EventEmitter } from 'node:events';
import type { ConfirmChannel, Options } from 'amqplib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfirmPublisher } from './confirm-publisher.js';

/** A broker that answers when told to. */
class FakeChannel extends EventEmitter {
  readonly sent: { options: Options.Publish; answer: (error?: Error) => void }[] = [];

  publish(
    _exchange: string,
    _key: string,
    _body: Buffer,
    options: Options.Publish,
    answer: (error?: Error) => void,
  ): boolean {
    this.sent.push({ options, answer });
    return true;
  }
}

function publisher(timeoutMs = 1_000): {
  channel: FakeChannel;
  publisher: ConfirmPublisher;
  caughtUp: () => void;
  publish: () => Promise<string>;
} {
  const channel = new FakeChannel();
  const caughtUp = vi.fn<() => void>();
  const made = new ConfirmPublisher(timeoutMs, caughtUp);
  made.attach(channel as unknown as ConfirmChannel);
  return {
    channel,
    publisher: made,
    caughtUp,
    publish: () => made.publish('events', 'a.b.c.v1', Buffer.from('{}'), {}),
  };
}

describe('publishing', () => {
  it('asks for a durable copy and for what no queue takes to come back', () => {
    const { channel, publish } = publisher();
    void publish();
    expect(channel.sent[0]!.options).toMatchObject({ persistent: true, mandatory: true });
  });

  it('is done when the broker confirms, and not before', async () => {
    const { channel, publish } = publisher();
    const done = vi.fn<(result: string) => void>();
    const publishing = publish().then(done);
    await Promise.resolve();
    expect(done).not.toHaveBeenCalled();
    channel.sent[0]!.answer();
    await publishing;
    expect(done).toHaveBeenCalledWith('confirmed');
  });

  it('tells a message that came back from one that is in its queue', async () => {
    const { channel, publish } = publisher();
    const results = [publish(), publish()];
    channel.emit('return', { properties: { correlationId: channel.sent[1]!.options.correlationId } });
    for (const { answer } of channel.sent) answer();
    expect(await Promise.all(results)).toEqual(['confirmed', 'returned']);
  });

  it.each([
    ['the broker refuses', new Error('nacked')],
    ['the channel closes first', new Error('channel closed')],
  ])('fails as unavailable when %s', async (_, error) => {
    const { channel, publish } = publisher();
    const publishing = publish();
    channel.sent[0]!.answer(error);
    await expect(publishing).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('fails as unavailable without a channel', async () => {
    const { channel, publish, publisher: made } = publisher();
    channel.emit('close');
    expect(made.ready).toBe(false);
    await expect(publish()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('stops while a frozen broker owes answers, and goes on when it has caught up', async () => {
    const { channel, publish, publisher: made, caughtUp } = publisher(5);
    await expect(publish()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(made.ready).toBe(false);
    channel.sent[0]!.answer();
    expect(made.ready).toBe(true);
    expect(caughtUp).toHaveBeenCalledOnce();
  });

  it('that has no deadline is done when the broker confirms late, and fails with its channel', async () => {
    const { channel, publisher: made } = publisher(5);
    const patiently = (): Promise<string> => made.publishPatiently('', 'q.dead', Buffer.from('{}'), {});
    const results = [patiently(), patiently()];
    await vi.waitUntil(() => !made.ready);
    channel.sent[0]!.answer();
    channel.sent[1]!.answer(new Error('channel closed'));
    await expect(results[0]).resolves.toBe('confirmed');
    await expect(results[1]).rejects.toMatchObject({ kind: 'unavailable' });
    expect(channel.sent).toHaveLength(2);
  });

  it('rests after a refusal, asks for a new channel and goes on with that', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const renew = vi.fn<() => void>();
    const made = new ConfirmPublisher(1_000, () => undefined, renew);
    const channels = [new FakeChannel(), new FakeChannel()];
    made.attach(channels[0] as unknown as ConfirmChannel);
    channels[0]!.emit('nack');
    channels[0]!.emit('nack');
    expect(made.ready).toBe(false);
    expect(renew).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(renew).toHaveBeenCalledOnce();
    made.attach(channels[1] as unknown as ConfirmChannel);
    channels[0]!.emit('nack');
    expect(made.ready).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(renew).toHaveBeenCalledOnce();
  });
});
