import { Injectable } from '@nestjs/common';

/** A feature that keeps something of a person and can delete it. */
export interface Erases {
  erase(userId: string): Promise<unknown>;
}

/** The features that keep something of a person; each adds itself, so that contacts need not know them. */
@Injectable()
export class PersonalData {
  private readonly keepers: Erases[] = [];

  add(keeper: Erases): void {
    this.keepers.push(keeper);
  }

  /** Deletes all that is kept of a user; safe to repeat. */
  async erase(userId: string): Promise<void> {
    for (const keeper of this.keepers) await keeper.erase(userId);
  }
}
