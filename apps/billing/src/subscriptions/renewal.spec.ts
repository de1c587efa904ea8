import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offerIn } from '../plans/plan.js';
import { DEMO_PLANS } from '../plans/demo-plans.js';
import {
  accessUntil,
  alreadyTold,
  type Course,
  dueNotice,
  failureIsNews,
  firstTryAt,
  graceEnd,
  nextStepAt,
  nextTryAt,
  type Renewal,
} from './renewal.js';

const END = new Date('2026-03-31T09:00:00.000Z');
const hours = (count: number): Date => new Date(+END + count * 3_600_000);
const days = (count: number): Date => hours(count * 24);
const course = (changes: Partial<Course> = {}): Course => ({
  paidUntil: END,
  graceUntil: null,
  told: null,
  renewal: null,
  ...changes,
});
const renewal = (changes: Partial<Renewal> = {}): Renewal => ({
  offer: offerIn(DEMO_PLANS[0]!, 'PNT')!,
  consentedAt: days(-20),
  tryAt: firstTryAt(END),
  failure: null,
  failureToldAt: null,
  ...changes,
});

describe('reminders', () => {
  it.each([
    [days(-7.001), null],
    [days(-7), 7],
    [days(-3.001), 7],
    [days(-3), 3],
    [days(-1), 1],
    [hours(-0.001), 1],
    [END, 0],
  ])('at %s it is time for %s', (now, expected) => {
    expect(dueNotice(course(), now)).toBe(expected);
  });

  it('are not repeated, and a missed one is skipped for the nearer one', () => {
    expect(dueNotice(course({ told: 7 }), days(-5))).toBeNull();
    expect(dueNotice(course({ told: 7 }), days(-0.5))).toBe(1);
    expect(dueNotice(course({ told: 1 }), days(-0.5))).toBeNull();
  });

  it('leave the last day to a renewal, and are silent once it has failed', () => {
    expect(dueNotice(course({ renewal: renewal() }), days(-3))).toBe(3);
    expect(dueNotice(course({ told: 3, renewal: renewal() }), days(-1))).toBeNull();
    expect(dueNotice(course({ renewal: renewal({ failure: 'insufficient_funds' }) }), days(-3))).toBeNull();
  });

  it('tell the end when grace is over, once', () => {
    const inGrace = course({
      told: 3,
      graceUntil: days(3),
      renewal: renewal({ failure: 'insufficient_funds', tryAt: null }),
    });
    expect(dueNotice(inGrace, days(2.9))).toBeNull();
    expect(dueNotice(inGrace, days(3))).toBe(0);
    expect(dueNotice({ ...inGrace, told: 0 }, days(4))).toBeNull();
  });

  it('count as told when a new end is so near that they would come late', () => {
    expect(alreadyTold(END, days(-30))).toBeNull();
    expect(alreadyTold(END, days(-5))).toBe(7);
    expect(alreadyTold(END, days(-2))).toBe(3);
    expect(alreadyTold(END, END)).toBe(0);
    expect(alreadyTold(null, END)).toBe(0);
  });
});

describe('tries of a renewal', () => {
  it('begin a day before the end and go on to the end of the grace period', () => {
    const grace = graceEnd(END, 1);
    const tries: Date[] = [];
    for (let at: Date | null = firstTryAt(END); at; at = nextTryAt(END, grace, at)) tries.push(at);
    expect(tries).toEqual([hours(-24), hours(-12), hours(-2), hours(0), hours(12)]);
  });

  it('end with the paid time when the plan gives no grace', () => {
    expect(nextTryAt(END, graceEnd(END, 0), hours(-1))).toEqual(END);
    expect(nextTryAt(END, graceEnd(END, 0), END)).toBeNull();
  });

  it('are told of at most once a day, another reason at once', () => {
    const failed = (failureToldAt: Date) => renewal({ failure: 'insufficient_funds', failureToldAt });
    expect(failureIsNews(renewal(), 'insufficient_funds', END)).toBe(true);
    expect(failureIsNews(failed(hours(-12)), 'insufficient_funds', END)).toBe(false);
    expect(failureIsNews(failed(hours(-12)), 'price_raised', END)).toBe(true);
    expect(failureIsNews(failed(hours(-24)), 'insufficient_funds', END)).toBe(true);
  });
});

describe('the next step', () => {
  it('is the reminder, the renewal or the end, whichever comes first', () => {
    expect(nextStepAt(course())).toEqual(days(-7));
    expect(nextStepAt(course({ told: 7 }))).toEqual(days(-3));
    expect(nextStepAt(course({ told: 3, renewal: renewal() }))).toEqual(days(-1));
    expect(nextStepAt(course({ told: 1 }))).toEqual(END);
    expect(nextStepAt(course({ told: 0 }))).toBeNull();
    expect(nextStepAt(course({ paidUntil: null }))).toBeNull();
  });

  it('never lies after something is due, so nothing is missed by waiting for it', () => {
    const anyCourse = fc.record({
      paidUntil: fc.constant(END),
      graceUntil: fc.constantFrom(null, days(0), days(3)),
      told: fc.constantFrom(null, 7, 3, 1, 0) as fc.Arbitrary<Course['told']>,
      renewal: fc.constantFrom(null, renewal(), renewal({ failure: 'insufficient_funds', tryAt: hours(12) })),
    });
    fc.assert(
      fc.property(anyCourse, fc.integer({ min: -300, max: 200 }), (some, hour) => {
        const step = nextStepAt(some);
        const due = dueNotice(some, hours(hour));
        if (due !== null) expect(step !== null && step <= hours(hour)).toBe(true);
        if (step) expect(step <= accessUntil(some)! || step <= (some.renewal?.tryAt ?? step)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});
