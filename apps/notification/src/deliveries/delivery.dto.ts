import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { ListQueryDto } from '../lists/list.dto.js';
import type { DeliveryState } from './delivery.js';

/** Which deliveries to show. */
export class DeliveryQueryDto extends ListQueryDto {
  @IsOptional() @IsIn(['pending', 'sent', 'skipped', 'failed']) state?: DeliveryState;
  /** A user's id or address. */
  @IsOptional() @IsString() @MaxLength(254) user?: string;
}

/** One message to one user over one channel; what it says is not shown. */
export class DeliveryDto {
  id!: string;
  userId!: string;
  /** null: not known, or forgotten */
  address!: string | null;
  /** inbox, email, or webhook: and the receiver's name */
  channel!: string;
  /** security, billing, product or marketing */
  class!: string;
  /** The template's name, or null for a campaign. */
  template!: string | null;
  campaignId!: string | null;
  /** pending, sent, skipped or failed */
  state!: string;
  attempts!: number;
  reason!: string | null;
  /** What the mail server answered. */
  response!: string | null;
  createdAt!: string;
  finishedAt!: string | null;
}

/** A page of deliveries. */
export class DeliveryListDto {
  items!: DeliveryDto[];
  nextCursor!: string | null;
}
