import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

type Write = [table: string, key: string, value?: unknown];

/** Keyed rows in insertion order; every `put` and `delete` reaches the journal. Mutate a row freely, then `put` it. */
export class Table<T> {
  readonly name: string;
  readonly #rows: Map<string, T>;
  readonly #changed: (table: string, key: string) => void;

  constructor(name: string, rows: Map<string, T>, changed: (table: string, key: string) => void) {
    this.name = name;
    this.#rows = rows;
    this.#changed = changed;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  put(key: string, value: T): T {
    this.#rows.set(key, value);
    this.#changed(this.name, key);
    return value;
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#changed(this.name, key);
  }

  values(): T[] {
    return [...this.#rows.values()];
  }

  keys(): string[] {
    return [...this.#rows.keys()];
  }

  newestFirst(): T[] {
    return this.values().reverse();
  }
}

/**
 * Keeps tables in memory and, when given a folder, in an append-only file there.
 * All writes of one synchronous step become one line, so a process killed at any moment reloads whole steps or none of them.
 */
export class Journal {
  readonly #tables = new Map<string, Map<string, unknown>>();
  readonly #pending = new Map<string, [table: string, key: string]>();
  #file: number | undefined;

  constructor(dir?: string) {
    if (!dir) return;
    mkdirSync(dir, { recursive: true });
    const path = join(dir, 'sandbox.journal');
    if (existsSync(path)) this.#load(path);
    this.#compact(path);
    this.#file = openSync(path, 'a');
  }

  table<T>(name: string): Table<T> {
    return new Table<T>(name, this.#rows(name) as Map<string, T>, (table, key) => this.#changed(table, key));
  }

  /** Empties every table. */
  clear(): void {
    for (const [table, rows] of this.#tables) {
      const keys = [...rows.keys()];
      rows.clear();
      for (const key of keys) this.#changed(table, key);
    }
  }

  flush(): void {
    if (this.#pending.size === 0) return;
    const writes = [...this.#pending.values()].map(([table, key]): Write => {
      const value = this.#rows(table).get(key);
      return value === undefined ? [table, key] : [table, key, value];
    });
    this.#pending.clear();
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(writes)}\n`);
  }

  close(): void {
    this.flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #changed(table: string, key: string): void {
    if (this.#pending.size === 0) queueMicrotask(() => this.flush());
    this.#pending.set(`${table}\n${key}`, [table, key]);
  }

  #rows(table: string): Map<string, unknown> {
    let rows = this.#tables.get(table);
    if (!rows) this.#tables.set(table, (rows = new Map()));
    return rows;
  }

  #load(path: string): void {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const writes = parseLine(line);
      for (const [table, key, value] of writes) {
        if (value === undefined) this.#rows(table).delete(key);
        else this.#rows(table).set(key, value);
      }
    }
  }

  #compact(path: string): void {
    const lines: string[] = [];
    for (const [table, rows] of this.#tables) {
      for (const [key, value] of rows) lines.push(`${JSON.stringify([[table, key, value]])}\n`);
    }
    writeFileSync(`${path}.new`, lines.join(''));
    renameSync(`${path}.new`, path);
  }
}

/** A line torn by a kill is the last one and belongs to a step nobody was told about. */
function parseLine(line: string): Write[] {
  if (line === '') return [];
  try {
    return JSON.parse(line) as Write[];
  } catch {
    return [];
  }
}
