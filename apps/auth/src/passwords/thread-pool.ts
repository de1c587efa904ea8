import { availableParallelism } from 'node:os';

/**
 * Node's threads, one for each processor: what is hashed side by side beyond that pushes each other's memory out of the caches. Call it before
 * anything needs a thread; a size that the environment sets stays.
 */
export function sizeThreadPool(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism());
}
