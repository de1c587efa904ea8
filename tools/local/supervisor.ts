import { setTimeout as delay } from 'node:timers/promises';
import { oneLine } from './fault.ts';

/** What the supervisor needs of a process: a name, word of its end, a way to start it again. */
export interface Supervised {
  readonly name: string;
  onUnexpectedExit(listener: (line: string) => void): void;
  restart(): Promise<void>;
}

const WINDOW_MS = 60_000;
const MOST_RESTARTS = 5;
const PAUSE_MS = 500;

/** Whether one more restart is in order, given the times of those before: a process that keeps dying is left alone. */
export function mayRestart(earlier: readonly number[], now: number): boolean {
  return earlier.filter((time) => now - time < WINDOW_MS).length < MOST_RESTARTS;
}

/** Starts a process again when it ends although nobody asked it to, as a production supervisor would, and says so. */
export function supervise(process: Supervised, say: (line: string) => void): void {
  const restarts: number[] = [];
  const again = (line: string): void => {
    const now = Date.now();
    if (!mayRestart(restarts, now)) return say(`✗ ${line} It keeps ending and is left alone`);
    restarts.push(now);
    say(`✗ ${line} Starting it again`);
    delay(PAUSE_MS)
      .then(() => process.restart())
      .then(() => say(`✓ ${process.name} is back`))
      .catch((error: unknown) => again(`${oneLine(error)}.`));
  };
  process.onUnexpectedExit(again);
}
