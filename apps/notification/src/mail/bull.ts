import type { Queue } from 'bull';

const ADD_TIMEOUT_MS = 1_000;

/** Adds a job unless one of that id is there; false when Redis is away or slow. Bull itself would wait for it for ever. */
export async function addJob<T>(queue: Queue<T>, data: T, jobId: string): Promise<boolean> {
  if (queue.client.status !== 'ready') return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ADD_TIMEOUT_MS);
  });
  const added = queue.add('run', data, { jobId, removeOnComplete: true, removeOnFail: true }).then(
    () => true,
    () => false,
  );
  return Promise.race([added, late]).finally(() => clearTimeout(timer));
}
