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
  if (error instanceof mongoose.mongo.MongoBulkWriteError) {
    const faults = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
    return faults.every(({ code }) => code === DUPLICATE_KEY) && error.result.getWriteConcernError() === undefined;
  }
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}
