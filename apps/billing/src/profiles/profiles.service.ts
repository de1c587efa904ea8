import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import type { ProfileDto, SaveProfileDto } from './profile.dto.js';
import { EmailNotVerifiedError, ProfileNeededError, ProfileNotFoundError } from './profile.errors.js';
import { ProfilesRepository } from './profiles.repository.js';

@Injectable()
export class ProfilesService {
  constructor(private readonly repository: ProfilesRepository) {}

  /** Creates the profile, or changes what is given. Throws EmailNotVerifiedError. */
  async save(user: Principal, profile: SaveProfileDto): Promise<ProfileDto> {
    if (!user.emailVerified) throw new EmailNotVerifiedError();
    return this.repository.save(user.userId, profile);
  }

  /** Throws ProfileNotFoundError. */
  async get(userId: string): Promise<ProfileDto> {
    const profile = await this.repository.find(userId);
    if (!profile) throw new ProfileNotFoundError();
    return profile;
  }

  /** Erases what a user said about themselves. */
  async erase(userId: string): Promise<void> {
    await this.repository.erase(userId);
  }

  /** Throws ProfileNeededError when the user has none. */
  async assertExists(userId: string): Promise<void> {
    if (!(await this.repository.find(userId))) throw new ProfileNeededError();
  }
}
