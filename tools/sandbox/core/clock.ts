import type { Journal, Table } from './journal.ts';

/** The sandbox's own time: the machine's clock plus an offset that the control plane may move. */
export class Clock {
  readonly #meta: Table<number>;
  readonly #listeners = new Set<() => void>();

  constructor(journal: Journal) {
    this.#meta = journal.table<number>('clock');
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + (this.#meta.get('offsetMs') ?? 0);
  }

  /** Whole seconds since the epoch, the unit of every provider here. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  advance(milliseconds: number): void {
    this.#move((this.#meta.get('offsetMs') ?? 0) + milliseconds);
  }

  set(epochMilliseconds: number): void {
    this.#move(epochMilliseconds - Date.now());
  }

  reset(): void {
    this.#move(0);
  }

  onMove(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #move(offsetMs: number): void {
    this.#meta.put('offsetMs', offsetMs);
    for (const listener of this.#listeners) listener();
  }
}
