// Hashing alone, as fast as it goes here: a thread for each processor, as apps/auth sizes its own, and one hash more in hand. A process of
// its own, for the size of the pool is settled by the first who needs a thread. Told for how many seconds, it answers how many per second.
import { availableParallelism } from 'node:os';
import { hash } from '@node-rs/argon2';
import { ARGON2, PASSWORD } from './auth-password.ts';

process.env['UV_THREADPOOL_SIZE'] = String(availableParallelism());

async function hashesPerSecond(seconds: number): Promise<number> {
  const began = performance.now();
  const until = began + seconds * 1000;
  let done = 0;
  const lanes = Array.from({ length: availableParallelism() + 1 }, async () => {
    while (performance.now() < until) {
      await hash(PASSWORD, ARGON2);
      done++;
    }
  });
  await Promise.all(lanes);
  return done / ((performance.now() - began) / 1000);
}

process.on('message', (seconds: number) => {
  void hashesPerSecond(seconds).then((rate) => process.send!(rate));
});
