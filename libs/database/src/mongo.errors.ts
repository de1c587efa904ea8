import type { mongo } from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** Writes what is not there yet: what a unique index refuses is already there, which is what was wanted. */
export async function ignoringDuplicates(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

/** Told by name and code, so that apps without MongoDB do not load its driver. */
function isOnlyDuplicates(error: unknown): boolean {
  // A lost connection is a bulk write error too, then without a code of the server's, whatever was refused before it.
  if (!(error instanceof Error) || !('code' in error) || error.code !== DUPLICATE_KEY) return false;
  if (error.name !== 'MongoBulkWriteError') return true;
  // A bulk has the code of its first fault, whatever else went wrong in it.
  const { writeErrors, result } = error as mongo.MongoBulkWriteError;
  const faults = Array.isArray(writeErrors) ? writeErrors : [writeErrors];
  return faults.every(({ code }) => code === DUPLICATE_KEY) && result.getWriteConcernError() === undefined;
}
