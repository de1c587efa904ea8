import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { OurSide } from './comparison.js';
import type { ReconciliationReportDto } from './reconciliation.dto.js';

interface OurRow {
  payment_id: string;
  intent_id: string;
  status: string;
  amount_minor: string;
  currency: string;
  created_at: Date;
  booked: string | null;
  refunds: { providerId: string | null; status: string; takenMinor: string; returned: boolean }[];
  disputes: { id: string; state: string }[];
}

/** A stored report. */
export interface StoredReconciliation {
  id: string;
  from: Date;
  to: Date;
  madeAt: Date;
  ok: boolean;
  report: ReconciliationReportDto;
}

const SELECT = `
  SELECT p.id AS payment_id, p.intent_id, p.status, p.amount_minor, p.currency, p.created_at,
         (SELECT sum(f.amount) FROM ledger_transfers f
           WHERE f.user_id = p.user_id AND f.transaction_id = p.transaction_id AND f.debit_system = 'psp_clearing'
             AND f.code = 'capture' AND f.currency = p.currency) AS booked,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('providerId', r.provider_id, 'status', r.status,
                   'takenMinor', r.taken_minor::text, 'returned', r.returned_transaction IS NOT NULL)), '[]')
            FROM refunds r WHERE r.payment_id = p.id) AS refunds,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'state', d.state)), '[]') FROM disputes d WHERE d.payment_id = p.id) AS disputes
    FROM payments p`;

@Injectable()
export class ReconciliationRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async byIntents(intentIds: string[]): Promise<OurSide[]> {
    return this.many('WHERE p.intent_id = ANY($1)', [intentIds]);
  }

  async settledBetween(from: Date, to: Date): Promise<OurSide[]> {
    return this.many(`WHERE p.status = 'succeeded' AND p.settled_at >= $1 AND p.settled_at < $2`, [from, to]);
  }

  /** What the clearing account moved, per currency, in minor units. */
  async clearing(from: Date, to: Date): Promise<Record<string, string>> {
    const rows = await this.unitOfWork.manager.query<{ currency: string; moved: string }[]>(
      `SELECT currency, sum(CASE WHEN debit_system = 'psp_clearing' THEN amount ELSE -amount END) AS moved FROM ledger_transfers
        WHERE created_at >= $1 AND created_at < $2 AND (debit_system = 'psp_clearing' OR credit_system = 'psp_clearing')
        GROUP BY currency`,
      [from, to],
    );
    return Object.fromEntries(rows.map((row) => [row.currency, row.moved]));
  }

  async store(from: Date, to: Date, ok: boolean, report: object): Promise<void> {
    await this.unitOfWork.manager.query(
      'INSERT INTO reconciliations (from_at, to_at, ok, report) VALUES ($1, $2, $3, $4)',
      [from, to, ok, JSON.stringify(report)],
    );
  }

  async isCompared(from: Date, to: Date): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      'SELECT 1 FROM reconciliations WHERE from_at <= $1 AND to_at >= $2 AND made_at >= $2 LIMIT 1',
      [from, to],
    );
    return rows.length > 0;
  }

  /** The newest reports first. */
  async list(limit: number): Promise<StoredReconciliation[]> {
    return this.unitOfWork.manager.query<StoredReconciliation[]>(
      `SELECT id, from_at AS "from", to_at AS "to", made_at AS "madeAt", ok, report FROM reconciliations ORDER BY id DESC LIMIT $1`,
      [limit],
    );
  }

  private async many(condition: string, parameters: unknown[]): Promise<OurSide[]> {
    const rows = await this.unitOfWork.manager.query<OurRow[]>(`${SELECT} ${condition}`, parameters);
    return rows.map((row) => ({
      paymentId: row.payment_id,
      intentId: row.intent_id,
      status: row.status,
      amountMinor: BigInt(row.amount_minor),
      currency: row.currency,
      createdAt: row.created_at,
      bookedMinor: row.booked === null ? null : BigInt(row.booked),
      refunds: row.refunds.map((refund) => ({ ...refund, takenMinor: BigInt(refund.takenMinor) })),
      disputes: row.disputes,
    }));
  }
}
