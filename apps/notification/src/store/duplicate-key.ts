import mongoose from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** Inserts what is not there yet: documents that a unique index refuses are already there, which is what was wanted. */
export async function ignoringDuplicates(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

function isOnlyDuplicates(error: unknown): boolean {
  // A lost connection is a bulk write error too, then without a code of the server's, whatever was refused before it.
  if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== DUPLICATE_KEY) return false;
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return true;
  const faults = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return faults.every(({ code }) => code === DUPLICATE_KEY) && error.result.getWriteConcernError() === undefined;
}
