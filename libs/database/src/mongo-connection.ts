import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { MongooseModuleFactoryOptions } from '@nestjs/mongoose';
import type { Connection, ConnectOptions } from 'mongoose';

const RETRY_MS = 1_000;
const logger = new Logger('MongoDB');

/** How it is made; what is asked meanwhile waits for `bufferTimeoutMS`. */
type MongoOptions = ConnectOptions & { bufferTimeoutMS?: number };

/** Settings of a connection that is made in the background, however long MongoDB is away when the app starts. */
export function mongoInBackground(uri: string, options: MongoOptions): MongooseModuleFactoryOptions {
  const connectionFactory = (connection: Connection): Connection => {
    void keepOpening(connection, uri, options);
    return connection;
  };
  return { ...options, uri, lazyConnection: true, connectionFactory };
}

/** Tries until the connection stands or is closed. Mongoose itself tries once, and that its try failed would end the process. */
export async function keepOpening(connection: Connection, uri: string, options: MongoOptions): Promise<void> {
  for (let opening = connection.asPromise(); ; opening = connection.openUri(uri, { ...options })) {
    try {
      await opening;
      return;
    } catch (error) {
      logger.warn(`Not reached, tried again: ${(error as Error).message}`);
    }
    await delay(RETRY_MS, undefined, { ref: false });
    // Mongoose tells of a close by an event only when there was something to close.
    if ((connection as { _closeCalled?: boolean })._closeCalled) return;
  }
}
