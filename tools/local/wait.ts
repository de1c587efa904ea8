import { setTimeout as delay } from 'node:timers/promises';

/** Asks again every `everyMs` until the answer is true or `deadlineMs` has passed; says whether it became true. For things that announce nothing. */
export async function until(ask: () => boolean | Promise<boolean>, deadlineMs: number, everyMs = 50): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    if (await ask()) return true;
    if (Date.now() >= deadline) return false;
    await delay(everyMs);
  }
}
