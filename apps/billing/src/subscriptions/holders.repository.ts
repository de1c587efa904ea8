import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { HolderPosition } from './holder-cursor.js';
import type { PeriodSource } from './subscription.js';

/** A user has access: in paid time, or in grace after it. */
export type HolderState = 'active' | 'grace';

/** Who has access, by which period. */
export interface Holder {
  userId: string;
  subscriptionId: string;
  periodId: string;
  product: string;
  planId: string;
  /** As it was called when it was sold. */
  planName: string;
  termMonths: number;
  startsAt: Date;
  endsAt: Date;
  state: HolderState;
  /** End of all that is paid, later periods included. */
  paidUntil: Date;
  graceUntil: Date | null;
  renews: boolean;
  paidWith: PeriodSource;
}

/** Which holders are wanted; both states when none is named. */
export interface HolderSearch {
  planId?: string | undefined;
  state?: HolderState | undefined;
  after?: HolderPosition | undefined;
  limit: number;
}

/** What a state means at the moment `$1`. */
const WHEN: Record<HolderState, string> = {
  active: 'lower(p.period) <= $1 AND upper(p.period) > $1',
  grace: 'upper(p.period) = s.paid_until AND s.paid_until <= $1 AND s.grace_until > $1',
};

/** Where the page begins on its index: never among the periods that are over, of which there are ever more. */
const FROM: Record<HolderState, string> = { active: 'greatest($3::timestamptz, $1)', grace: '$3::timestamptz' };

/** Each state has an index of its own that gives the page in order. */
const page = (state: HolderState): string => `(
  SELECT p.user_id AS "userId", s.id AS "subscriptionId", p.id AS "periodId", p.product, p.plan_id AS "planId",
         p.offer ->> 'planName' AS "planName", p.term_months AS "termMonths", lower(p.period) AS "startsAt",
         upper(p.period) AS "endsAt", '${state}' AS state, s.paid_until AS "paidUntil", s.grace_until AS "graceUntil",
         s.renewal_offer IS NOT NULL AS renews, p.source AS "paidWith"
    FROM subscription_periods p JOIN subscriptions s ON s.user_id = p.user_id AND s.id = p.subscription_id
   WHERE p.status = 'active' AND ${WHEN[state]} AND ($2::uuid IS NULL OR p.plan_id = $2)
     AND (upper(p.period), p.id) > (${FROM[state]}, $4::uuid)
   ORDER BY upper(p.period), p.id LIMIT $5)`;

const BEFORE_ALL = { endsAt: '-infinity', periodId: '00000000-0000-0000-0000-000000000000' };

/** Who holds what, over all users. */
@Injectable()
export class HoldersRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The next to end first. */
  async search({ planId, state, after, limit }: HolderSearch, now: Date): Promise<Holder[]> {
    const states: HolderState[] = state ? [state] : ['grace', 'active'];
    const { endsAt, periodId } = after ?? BEFORE_ALL;
    return this.unitOfWork.manager.query<Holder[]>(
      `SELECT * FROM (${states.map(page).join(' UNION ALL ')}) held ORDER BY "endsAt", "periodId" LIMIT $5`,
      [now, planId ?? null, endsAt, periodId, limit],
    );
  }
}
