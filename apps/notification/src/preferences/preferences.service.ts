import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PersonalData } from '../contacts/personal-data.js';
import type { ChosenChannel } from '../deliveries/delivery.js';
import { NotificationConfig } from '../notification.config.js';
import { MOST_MARKETING_PER_DAY } from './caps.js';
import type { PreferencesDto } from './preferences.dto.js';
import { PreferencesRepository } from './preferences.repository.js';
import type { Preferences, Refusable } from './preferences.schema.js';
import { type Unsubscription, UnsubscribeTokens } from './unsubscribe-token.js';

const CATEGORIES: readonly Refusable[] = ['billing', 'product', 'marketing'];
const CHANNELS: readonly ChosenChannel[] = ['inbox', 'email'];

/** Reads and changes what users want. */
@Injectable()
export class PreferencesService implements OnModuleInit {
  private readonly tokens: UnsubscribeTokens;

  constructor(
    private readonly preferences: PreferencesRepository,
    private readonly personalData: PersonalData,
    private readonly config: NotificationConfig,
  ) {
    this.tokens = new UnsubscribeTokens(config.EVENT_SECRETS_KEY);
  }

  onModuleInit(): void {
    this.personalData.add({ erase: (userId) => this.preferences.deleteOf(userId) });
  }

  async get(userId: string): Promise<PreferencesDto> {
    const { refused = [], quietHours = null, marketingPerDay } = (await this.preferences.find(userId)) ?? {};
    const welcome = (category: Refusable) => ({
      inbox: !refused.includes(`${category}:inbox`),
      email: !refused.includes(`${category}:email`),
    });
    return {
      categories: { billing: welcome('billing'), product: welcome('product'), marketing: welcome('marketing') },
      quietHours,
      marketingPerDay: marketingPerDay ?? MOST_MARKETING_PER_DAY,
    };
  }

  async replace(userId: string, { categories, quietHours, marketingPerDay }: PreferencesDto): Promise<PreferencesDto> {
    const refused = CATEGORIES.flatMap((category) =>
      CHANNELS.filter((channel) => !categories[category][channel]).map(
        (channel): Preferences['refused'][number] => `${category}:${channel}`,
      ),
    );
    const quiet = quietHours && { from: quietHours.from, to: quietHours.to, timeZone: quietHours.timeZone };
    await this.preferences.replace(userId, { refused, quietHours: quiet, marketingPerDay });
    return this.get(userId);
  }

  /** The link by which a reader refuses more mail of this category. */
  unsubscribeUrl(unsubscription: Unsubscription): string {
    return `${this.config.NOTIFICATION_PUBLIC_URL}/unsubscribe/${this.tokens.make(unsubscription)}`;
  }

  /** What an unsubscribe link is about; undefined when we did not make it. */
  readToken(token: string): Unsubscription | undefined {
    return this.tokens.read(token);
  }

  /** No more mail of the link's category, safe to repeat; undefined when we did not make the link. */
  async unsubscribe(token: string): Promise<Unsubscription | undefined> {
    const unsubscription = this.tokens.read(token);
    if (unsubscription) await this.preferences.refuse(unsubscription.userId, [`${unsubscription.category}:email`]);
    return unsubscription;
  }
}
