import { ApiProperty } from '@nestjs/swagger';
import { DEVICE_TYPES, type DeviceType } from './client.js';
import type { LiveSession } from './sessions-list.repository.js';

/** A signed-in device. */
export class SessionDto {
  @ApiProperty({ format: 'uuid' })
  readonly id: string;
  @ApiProperty({ description: 'The session this request belongs to' })
  readonly current: boolean;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt: string;
  @ApiProperty({ format: 'date-time' })
  readonly lastSeenAt: string;
  @ApiProperty({ enum: DEVICE_TYPES })
  readonly deviceType: DeviceType;
  @ApiProperty({ type: String, nullable: true })
  readonly browser: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly os: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly ip: string | null;

  constructor(session: LiveSession, currentId?: string) {
    this.id = session.id;
    this.current = session.id === currentId;
    this.createdAt = session.createdAt.toISOString();
    this.lastSeenAt = session.lastSeenAt.toISOString();
    this.deviceType = session.deviceType;
    this.browser = session.browser;
    this.os = session.os;
    this.ip = session.ip;
  }
}

/** Signed-in devices. */
export class SessionListDto {
  readonly items: SessionDto[];

  constructor(sessions: LiveSession[], currentId?: string) {
    this.items = sessions.map((session) => new SessionDto(session, currentId));
  }
}
