export interface LogEntry {
  at: string;
  provider: string;
  what: string;
  details: Record<string, unknown>;
}

const KEPT = 2000;

/** The last things that happened at the providers' doors, newest last; kept in memory only. */
export class ActivityLog {
  #entries: LogEntry[] = [];

  add(provider: string, what: string, details: Record<string, unknown> = {}): void {
    this.#entries.push({ at: new Date().toISOString(), provider, what, details });
    if (this.#entries.length > KEPT * 2) this.#entries = this.#entries.slice(-KEPT);
  }

  recent(provider?: string, limit = 200): LogEntry[] {
    return this.#entries.filter((entry) => provider === undefined || entry.provider === provider).slice(-limit);
  }

  clear(): void {
    this.#entries = [];
  }
}
