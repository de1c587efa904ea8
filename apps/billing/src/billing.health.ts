import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { UnitOfWork } from '#libs/database';
import type { HealthCheck } from '#libs/http';
import { MessagingHealth } from '#libs/messaging';

/** Money needs PostgreSQL and nothing else; without the rest the service goes on, degraded. */
export const healthChecks = {
  inject: [UnitOfWork, MessagingHealth, getConnectionToken()],
  useFactory: (unitOfWork: UnitOfWork, messaging: MessagingHealth, mongo: Connection): HealthCheck[] => [
    { name: 'postgres', critical: true, check: () => unitOfWork.manager.query('SELECT 1') },
    { name: 'messaging', critical: false, check: () => assertHealthy(messaging) },
    { name: 'mongodb', critical: false, check: () => assertConnected(mongo) },
  ],
};

async function assertHealthy(messaging: MessagingHealth): Promise<void> {
  const { degraded } = await messaging.status();
  if (degraded.length > 0) throw new Error(degraded.join('; '));
}

async function assertConnected(mongo: Connection): Promise<void> {
  if (!mongo.db) throw new Error('not connected');
  await mongo.db.command({ ping: 1 }, { timeoutMS: 900 });
}
