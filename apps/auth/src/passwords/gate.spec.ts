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
});
