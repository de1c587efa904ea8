import type { MongooseModuleFactoryOptions } from '@nestjs/mongoose';
import { mongoInBackground } from '#libs/database';

/** How the service connects to the history's MongoDB: it starts and takes money while that is away. */
export function historyConnection(url: string): MongooseModuleFactoryOptions {
  return mongoInBackground(url, {
    dbName: databaseOf(url),
    serverSelectionTimeoutMS: 2_000,
    socketTimeoutMS: 5_000,
    connectTimeoutMS: 2_000,
    bufferTimeoutMS: 2_000,
    maxPoolSize: 10,
    // What is acknowledged must survive a kill of the server, of a replica set's primary too. Here and not in the schema: Mongoose
    // leaves the journal out of a schema's concern, and all of it out of bulk writes.
    writeConcern: { w: 'majority', journal: true },
  });
}

/** The database named in the address, `billing` when it names none. */
function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1) || 'billing';
}
