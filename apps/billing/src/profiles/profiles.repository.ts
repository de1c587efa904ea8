import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { ProfileDto, SaveProfileDto } from './profile.dto.js';

interface ProfileRow {
  user_id: string;
  display_name: string | null;
  country: string | null;
  created_at: Date;
}

@Injectable()
export class ProfilesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async save(userId: string, { displayName, country }: SaveProfileDto): Promise<ProfileDto> {
    const [row] = await this.unitOfWork.manager.query<ProfileRow[]>(
      `INSERT INTO profiles AS p (user_id, display_name, country) VALUES ($1, $2, $3)
       ON CONFLICT ON CONSTRAINT pk_profiles DO UPDATE
         SET display_name = coalesce(excluded.display_name, p.display_name), country = coalesce(excluded.country, p.country),
             updated_at = now()
       RETURNING user_id, display_name, country, created_at`,
      [userId, displayName ?? null, country ?? null],
    );
    return toProfile(row!);
  }

  async erase(userId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE profiles SET display_name = NULL, country = NULL, updated_at = now() WHERE user_id = $1',
      [userId],
    );
  }

  async find(userId: string): Promise<ProfileDto | undefined> {
    const [row] = await this.unitOfWork.manager.query<ProfileRow[]>(
      'SELECT user_id, display_name, country, created_at FROM profiles WHERE user_id = $1',
      [userId],
    );
    return row && toProfile(row);
  }
}

function toProfile(row: ProfileRow): ProfileDto {
  return { userId: row.user_id, displayName: row.display_name, country: row.country, createdAt: row.created_at };
}
