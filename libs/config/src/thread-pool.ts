import { availableParallelism } from 'node:os';

/**
 * Gives Node one thread for each processor, in place of four: work that takes a whole processor and its caches gains nothing by more. Call it
 * before anything needs a thread; a size that the environment sets (UV_THREADPOOL_SIZE) stays.
 */
export function sizeThreadPool(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism());
}
