import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { DeviceType } from './client.js';

/** A live session, as its user sees it. */
export interface LiveSession {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  deviceType: DeviceType;
  browser: string | null;
  os: string | null;
  ip: string | null;
  methods: string[];
}

@Injectable()
export class SessionsListRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** A user's live sessions, the one used last first. */
  async liveOf(userId: string): Promise<LiveSession[]> {
    return this.unitOfWork.manager.query<LiveSession[]>(
      `SELECT id, created_at AS "createdAt", last_seen_at AS "lastSeenAt", device_type AS "deviceType", browser, os, host(ip) AS ip, methods
         FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
        ORDER BY last_seen_at DESC, id DESC LIMIT 200`,
      [userId],
    );
  }
}
