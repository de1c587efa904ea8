import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager, type QueryRunner, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { UnavailableError } from '#libs/errors';
import { discard } from './data-source.js';
import { isRetryable } from './postgres.errors.js';

type IsolationLevel = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** How a transaction is to be run. Only the call that opens it decides; a nested call joins. */
export interface UnitOfWorkOptions {
  isolation?: IsolationLevel;
  /** Milliseconds after which the transaction is rolled back and its work cut off; no limit by default. */
  timeoutMs?: number;
}

interface Transaction {
  runner: QueryRunner;
  afterCommit: (() => void | Promise<void>)[];
  ended: boolean;
}

const RETRIES = 3;

/** The ambient transaction: whatever runs inside `run`, however deep, works in the same one. */
@Injectable()
export class UnitOfWork {
  private readonly ambient = new AsyncLocalStorage<Transaction>();
  private readonly logger = new Logger(UnitOfWork.name);

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction and returns its result once committed; a nested call joins the open transaction.
   * A deadlock or serialization failure runs `work` again, up to three times, so its side effects belong in `afterCommit`.
   * Throws `UnavailableError` when the database cannot be reached or a limit of time passes.
   */
  async run<T>(work: () => Promise<T>, options: UnitOfWorkOptions = {}): Promise<T> {
    if (this.ambient.getStore()) {
      this.requireTransaction();
      return work();
    }
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.runOnce(work, options);
      } catch (error) {
        if (attempt >= RETRIES || !isRetryable(error)) throw error;
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  /** The entity manager of the ambient transaction, or the data source's own outside one. */
  get manager(): EntityManager {
    if (!this.ambient.getStore()) return this.dataSource.manager;
    return this.requireTransaction().manager;
  }

  get inTransaction(): boolean {
    const transaction = this.ambient.getStore();
    return transaction !== undefined && !transaction.ended;
  }

  /** Returns the ambient transaction's runner; throws when there is none or it has ended, for writes that must never be on their own. */
  requireTransaction(): QueryRunner {
    const transaction = this.ambient.getStore();
    if (!transaction) throw new Error('This must run inside UnitOfWork.run: no transaction is open');
    if (transaction.ended)
      throw new Error('The transaction this work belongs to has ended; await everything started inside it');
    return transaction.runner;
  }

  /** Calls `callback` after the ambient transaction committed, never after a rollback; at once when there is none. */
  afterCommit(callback: () => void | Promise<void>): void {
    const transaction = this.ambient.getStore();
    if (transaction) transaction.afterCommit.push(callback);
    else this.fire([callback]);
  }

  private async runOnce<T>(work: () => Promise<T>, options: UnitOfWorkOptions): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const transaction: Transaction = { runner, afterCommit: [], ended: false };
    try {
      await runner.connect();
      await runner.startTransaction(options.isolation);
      const running = this.ambient.run(transaction, work);
      const result = await (options.timeoutMs ? this.within(running, options.timeoutMs) : running);
      transaction.ended = true;
      await runner.commitTransaction();
      this.fire(transaction.afterCommit);
      return result;
    } catch (error) {
      transaction.ended = true;
      await this.rollBack(runner, error);
      // Only this method releases the runner, so one that was released before is one whose session the server cut.
      throw error instanceof QueryRunnerProviderAlreadyReleasedError
        ? new UnavailableError('The database', error)
        : error;
    } finally {
      await runner.release();
    }
  }

  private async within<T>(running: Promise<T>, timeoutMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TransactionTimeoutError(timeoutMs)), timeoutMs);
    });
    try {
      return await Promise.race([running, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async rollBack(runner: QueryRunner, error: unknown): Promise<void> {
    if (runner.isReleased) return;
    // The cut-off work may still have a query on the wire: only closing the connection surely ends it.
    if (error instanceof TransactionTimeoutError) return discard(runner, error);
    try {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
    } catch (rollbackError) {
      await discard(runner, rollbackError as Error);
    }
  }

  private fire(callbacks: Transaction['afterCommit']): void {
    this.ambient.exit(() => {
      for (const callback of callbacks) {
        Promise.resolve()
          .then(callback)
          .catch((error: unknown) => this.logger.error(error));
      }
    });
  }
}

/** A transaction took longer than its caller allowed. */
export class TransactionTimeoutError extends UnavailableError {
  constructor(timeoutMs: number) {
    super(`The result of a transaction limited to ${timeoutMs} ms`);
  }
}
