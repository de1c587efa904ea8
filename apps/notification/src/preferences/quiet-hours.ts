import type { QuietHours } from './preferences.schema.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** When the quiet hours that hold at this moment end; undefined when it is not quiet. */
export function quietUntil(hours: QuietHours | null | undefined, now: Date): Date | undefined {
  if (!hours) return undefined;
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  const local = localMinutes(now, hours.timeZone);
  const length = (to - from + DAY_MINUTES) % DAY_MINUTES;
  const elapsed = (local - from + DAY_MINUTES) % DAY_MINUTES;
  if (elapsed >= length) return undefined;
  const end = now.getTime() - (now.getTime() % MINUTE_MS) + (length - elapsed) * MINUTE_MS;
  // A change of the clocks in between makes the night an hour longer or shorter; look again then.
  return new Date(end);
}

/** True for a time zone this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

function localMinutes(now: Date, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return minutesOf(format.format(now));
}
