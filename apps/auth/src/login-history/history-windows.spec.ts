import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyWindows } from './history-windows.js';

const NOW = new Date('2026-11-23T12:00:00Z');
const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

describe('where the login history is looked for', () => {
  it('is this month first, then further and further back', () => {
    expect(historyWindows({}, NOW)).toEqual([
      { from: day('2026-11-01'), to: day('2026-12-01') },
      { from: day('2026-09-01'), to: day('2026-11-01') },
      { from: day('2026-05-01'), to: day('2026-09-01') },
      { from: day('2025-09-01'), to: day('2026-05-01') },
      { to: day('2025-09-01') },
    ]);
  });

  it('is what was asked for and no more', () => {
    expect(historyWindows({ from: day('2026-02-10'), to: day('2026-03-05') }, NOW)).toEqual([
      { from: day('2026-03-01'), to: day('2026-03-05') },
      { from: day('2026-02-10'), to: day('2026-03-01') },
    ]);
    expect(historyWindows({ from: day('2026-03-05'), to: day('2026-03-05') }, NOW)).toEqual([]);
  });

  it('covers all of it once, in order', () => {
    const dates = fc.date({ min: day('2020-01-01'), max: NOW, noInvalidDate: true });
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const windows = historyWindows({ from, to }, NOW);
        for (const [index, window] of windows.entries())
          expect(window.to).toEqual(index === 0 ? to : windows[index - 1]!.from);
        if (windows.length > 0) expect(windows.at(-1)!.from).toEqual(from);
      }),
    );
  });
});
