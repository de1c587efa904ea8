import { describe, expect, it } from 'vitest';
import { BusyError, Gate } from './gate.js';

describe('the gate before costly work', () => {
  it('lets no more than its slots run at a time, and everybody who queued in the end', async () => {
    const gate = new Gate(3, 100);
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 50 }, () => gate.run(work)));
    expect(most).toBe(3);
    expect(running).toBe(0);
  });

  it('turns away whoever finds the queue full, at once', async () => {
    const gate = new Gate(1, 1);
    let finish = (): void => undefined;
    const first = gate.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const second = gate.run(async () => 'second');
    await expect(gate.run(async () => 'third')).rejects.toBeInstanceOf(BusyError);
    finish();
    await first;
    expect(await second).toBe('second');
  });

  it('gives the slot back when the work fails', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(async () => 'yes')).toBe('yes');
  });

  it('hands over in groups while others wait, and what is left with the last', async () => {
    const gate = new Gate(1, 100, 4);
    const events: string[] = [];
    const one = async (name: number): Promise<void> => {
      await gate.run(async () => void events.push(`did ${name}`));
      events.push(`got ${name}`);
    };
    await Promise.all(Array.from({ length: 6 }, (_, name) => one(name)));
    const groups = [0, 1, 2, 3].map((name) => `got ${name}`).join();
    expect(events.join()).toContain(groups);
    expect(events.indexOf('got 0')).toBeGreaterThan(events.indexOf('did 3'));
    expect(events.slice(-2)).toEqual(['got 4', 'got 5']);
    expect(events).toHaveLength(12);
  });

  it('makes nobody wait for others when none are there', async () => {
    const gate = new Gate(2, 100, 4);
    let finish = (): void => undefined;
    const slow = gate.run(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(await gate.run(async () => 'done')).toBe('done');
    finish();
    await slow;
  });

  it('hands over what failed as well', async () => {
    const gate = new Gate(1, 100, 4);
    const works = Array.from({ length: 5 }, (_, i) => gate.run(() => Promise.reject(new Error(`no ${i}`))));
    const ends = await Promise.allSettled(works);
    expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'yes'))).toEqual(
      [0, 1, 2, 3, 4].map((i) => `no ${i}`),
    );
  });
});
