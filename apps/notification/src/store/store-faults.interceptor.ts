import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import mongoose from 'mongoose';
import { catchError, type Observable, throwError } from 'rxjs';
import { UnavailableError } from '#libs/errors';

/** Turns "MongoDB is away" into UnavailableError: 503 with Retry-After for a client, another try later for a consumer. */
@Injectable()
export class StoreFaultsInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          throwError(() => (isAway(error) ? new UnavailableError('MongoDB', error) : error)),
        ),
      );
  }
}

/** True when an operation failed because the server could not be reached, not because of what it asked. */
export function isAway(error: unknown): boolean {
  const { MongoNetworkError, MongoServerSelectionError, MongoNotConnectedError, MongoTopologyClosedError } =
    mongoose.mongo;
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    (error instanceof mongoose.mongo.MongoError && error.hasErrorLabel('PoolClearedError')) ||
    (error instanceof mongoose.MongooseError && error.message.includes('buffering timed out'))
  );
}
