import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { mongoInBackground } from '#libs/database';
import { NotificationConfig } from '../notification.config.js';

/** How long an operation waits for a server, and a server for an operation; milliseconds. */
const TIMEOUT_MS = 2_000;

/** The connection all features share. It is made in the background: HTTP is served, with 503, while MongoDB is away. */
@Module({
  imports: [
    MongooseModule.forRootAsync({
      inject: [NotificationConfig],
      useFactory: ({ NOTIFICATION_MONGODB_URL }: NotificationConfig) =>
        mongoInBackground(NOTIFICATION_MONGODB_URL, {
          serverSelectionTimeoutMS: TIMEOUT_MS,
          connectTimeoutMS: TIMEOUT_MS,
          socketTimeoutMS: 20_000,
          bufferTimeoutMS: TIMEOUT_MS,
          maxPoolSize: 20,
          // Spelled out in this form: what is acknowledged must survive a kill of the server, of a replica set's primary too.
          writeConcern: { w: 'majority', journal: true },
        }),
    }),
  ],
})
export class StoreModule {}
