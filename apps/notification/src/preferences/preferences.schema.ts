import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { ChosenChannel } from '../deliveries/delivery.js';
import type { MessageClass } from '../templates/template.js';

/** Categories a reader may refuse. */
export type Refusable = Exclude<MessageClass, 'security'>;

/** When no mail should come; local times of the zone, `22:00` to `08:00` crosses midnight. */
export interface QuietHours {
  from: string;
  to: string;
  timeZone: string;
}

/** One change, and where it was made. */
interface ConsentChange {
  at: Date;
  source: 'settings' | 'unsubscribe_link';
  refused: string[];
}

/** One user's wishes; without a document, everything is welcome. */
@Schema({ collection: 'preferences', versionKey: false, strict: 'throw', minimize: false })
export class Preferences {
  /** The user's id. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** `category:channel` pairs the user does not want. */
  @Prop({ type: [String], default: [] }) refused!: `${Refusable}:${ChosenChannel}`[];
  @Prop({ type: Object, default: null }) quietHours!: QuietHours | null;
  @Prop({ type: Number }) marketingPerDay?: number;
  @Prop({ type: [Object], default: [] }) log!: ConsentChange[];
}

export const PreferencesSchema = SchemaFactory.createForClass(Preferences);
