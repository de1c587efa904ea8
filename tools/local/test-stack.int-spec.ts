import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { redisDatabase } from './test-stack.ts';

describe('the Redis database of a test stack', () => {
  it('is its own, also when many stacks start at once, and no worker has it', async () => {
    const urls = await Promise.all(Array.from({ length: 50 }, redisDatabase));
    expect(new Set(urls).size).toBe(50);
    for (const url of urls) expect(Number(new URL(url).pathname.slice(1))).toBeGreaterThan(16);
  });

  it('is left alone by the stacks that come after', async () => {
    const redis = new Redis(await redisDatabase());
    await redis.set('kept', 'yes');
    await Promise.all(Array.from({ length: 20 }, redisDatabase));
    expect(await redis.get('kept')).toBe('yes');
    await redis.quit();
  });
});
