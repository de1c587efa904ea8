import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { uuidv7 } from '#libs/contracts';
import { type AuditAction, AuditEntry } from './audit-entry.schema.js';

/** The only place that reads and writes the audit log. */
@Injectable()
export class AuditRepository {
  constructor(@InjectModel(AuditEntry.name) private readonly entries: Model<AuditEntry>) {}

  /** Writes down what an administrator did or is about to do. */
  async record(by: string, action: AuditAction, subject: string, details?: AuditEntry['details']): Promise<void> {
    await this.entries.create({ _id: uuidv7(), at: new Date(), by, action, subject, ...(details && { details }) });
  }

  /** Writes down whom an administrator is about to be shown; when that fails, nothing may be shown. */
  async viewed(by: string, action: AuditAction, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    await this.entries.insertMany(userIds.map((subject) => ({ _id: uuidv7(), at: new Date(), by, action, subject })));
  }

  /** Newest first, older than that one. */
  page(limit: number, beforeId?: string): Promise<AuditEntry[]> {
    return this.entries
      .find(beforeId ? { _id: { $lt: beforeId } } : {})
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
  }
}
