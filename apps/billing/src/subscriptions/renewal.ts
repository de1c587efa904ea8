import type { PlanOffer } from '../plans/plan.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Days before the end at which the holder is told; 0 is the end itself. */
export const REMINDER_DAYS = [7, 3, 1] as const;

/** How far the holder has been told about the present end; null: nothing yet. */
export type ToldDays = (typeof REMINDER_DAYS)[number] | 0 | null;

/** Why a renewal could not be paid. */
export type RenewalFailure = 'insufficient_funds' | 'price_raised' | 'plan_ended' | 'account_unusable';

/** An automatic renewal the holder has agreed to. */
export interface Renewal {
  /** The terms that were agreed to: a renewal never costs more. */
  offer: PlanOffer;
  consentedAt: Date;
  /** Null: given up for the present end. */
  tryAt: Date | null;
  failure: RenewalFailure | null;
  /** When the holder was last told of the failure. */
  failureToldAt: Date | null;
}

/** What decides the next step of a subscription. */
export interface Course {
  /** End of the last paid period; null when none counts. */
  paidUntil: Date | null;
  /** Access after `paidUntil` while a failed renewal is tried again. */
  graceUntil: Date | null;
  told: ToldDays;
  renewal: Renewal | null;
}

/** Renewal is first tried a day before the end: early enough for a top-up. */
export function firstTryAt(paidUntil: Date): Date {
  return new Date(+paidUntil - DAY);
}

/**
 * The next try after a failed one at `now`: 12 and 2 hours before the end, at the end, then every 12 hours of the grace period.
 * Null when the grace period leaves no room for another.
 */
export function nextTryAt(paidUntil: Date, graceUntil: Date, now: Date): Date | null {
  const before = [-12, -2, 0].map((hours) => +paidUntil + hours * HOUR);
  const graceTries = Math.max(0, Math.ceil((+graceUntil - +paidUntil) / (12 * HOUR)) - 1);
  const within = Array.from({ length: graceTries }, (_, index) => +paidUntil + (index + 1) * 12 * HOUR);
  const next = [...before, ...within].find((time) => time > +now && time <= +graceUntil);
  return next === undefined ? null : new Date(next);
}

/** End of the grace period a plan gives; no earlier than the paid end. */
export function graceEnd(paidUntil: Date, graceDays: number): Date {
  return new Date(+paidUntil + graceDays * DAY);
}

/** Until when the holder has access: what is paid, and grace. */
export function accessUntil({ paidUntil, graceUntil }: Pick<Course, 'paidUntil' | 'graceUntil'>): Date | null {
  if (!paidUntil || !graceUntil) return paidUntil;
  return graceUntil > paidUntil ? graceUntil : paidUntil;
}

/** What is to be told at `now`: the nearest reminder that is due, 0 for the end, null for nothing. Missed ones are skipped. */
export function dueNotice(course: Course, now: Date): 7 | 3 | 1 | 0 | null {
  const end = accessUntil(course);
  if (!course.paidUntil || !end || course.told === 0) return null;
  if (now >= end) return 0;
  const due = remindersAhead(course).findLast((days) => +course.paidUntil! - days * DAY <= +now);
  return now < course.paidUntil ? (due ?? null) : null;
}

/** When something has to be done next for the subscription: null when nothing is left. */
export function nextStepAt(course: Course): Date | null {
  const end = accessUntil(course);
  if (!course.paidUntil || !end || course.told === 0) return course.renewal?.tryAt ?? null;
  const [reminder] = remindersAhead(course);
  const times = [end, course.renewal?.tryAt, reminder && new Date(+course.paidUntil - reminder * DAY)];
  return new Date(Math.min(...times.filter((time) => time instanceof Date).map(Number)));
}

/** The reminder a holder has had, or no longer needs, at the moment the end becomes `paidUntil`. */
export function alreadyTold(paidUntil: Date | null, now: Date): ToldDays {
  if (!paidUntil || paidUntil <= now) return 0;
  return REMINDER_DAYS.findLast((days) => +paidUntil - days * DAY <= +now) ?? null;
}

/** Whether the holder is to be told of the failure at `now`: of the same one at most once a day. */
export function failureIsNews({ failure, failureToldAt }: Renewal, failed: RenewalFailure, now: Date): boolean {
  return failure !== failed || !failureToldAt || +now - +failureToldAt >= DAY;
}

/** Reminders not told yet, the farthest first. A day before the end a renewal speaks for itself; a failed one does from the start. */
function remindersAhead({ told, renewal }: Course): (7 | 3 | 1)[] {
  if (renewal?.failure) return [];
  return REMINDER_DAYS.filter((days) => (told === null || days < told) && !(renewal && days === 1));
}
