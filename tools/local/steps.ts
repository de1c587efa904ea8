import { performance } from 'node:perf_hooks';

/** Seconds with one decimal. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Where steps are announced: what is being done, and how long it took. */
export class Steps {
  readonly #print: (line: string) => void;
  readonly #started = performance.now();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Does the step and prints its name with the time it took; says so before when it may take long. */
  async step<T>(name: string, work: () => Promise<T>, announce = false): Promise<T> {
    const started = performance.now();
    if (announce) this.#print(`• ${name} ...`);
    const result = await work();
    this.#print(`✓ ${name} ${seconds(performance.now() - started)}`);
    return result;
  }

  note(line: string): void {
    this.#print(line);
  }

  /** Time since the first step. */
  get total(): string {
    return seconds(performance.now() - this.#started);
  }
}
