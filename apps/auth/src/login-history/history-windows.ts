/** A stretch of time, `from` included, `to` not; absent means without end. */
export interface HistoryWindow {
  from?: Date;
  to?: Date;
}

/** How many months each further look back covers; what is older still comes in one last look. */
const MONTHS = [1, 2, 4, 8];

/**
 * The stretches in which to look for a page, newest first, ending where months end: a look at whole months touches their partitions
 * only, and most pages are full after the first. Planning a look at all partitions costs more than the page itself.
 */
export function historyWindows({ from, to }: HistoryWindow, now: Date): HistoryWindow[] {
  const windows: HistoryWindow[] = [];
  const newest = startOfMonth(now, 1);
  let end = to && to < newest ? to : newest;
  for (const months of MONTHS) {
    if (from && from >= end) return windows;
    const start = startOfMonth(new Date(end.getTime() - 1), 1 - months);
    windows.push({ from: from && from > start ? from : start, to: end });
    end = start;
  }
  if (!from || from < end) windows.push(from ? { from, to: end } : { to: end });
  return windows;
}

function startOfMonth(date: Date, plusMonths: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + plusMonths, 1));
}
