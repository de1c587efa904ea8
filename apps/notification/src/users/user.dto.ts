import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { DeliveryDto } from '../deliveries/delivery.dto.js';
import { ListQueryDto } from '../lists/list.dto.js';

/** Whom to look for. */
export class UserQueryDto extends ListQueryDto {
  /** A user's id, or how the address begins; empty lists everybody. */
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(254) search: string = '';
}

/** A user as this service knows them. */
export class UserDto {
  id!: string;
  /** null: not known, or forgotten */
  address!: string | null;
  locale!: string | null;
  roles!: string[];
  verified!: boolean;
  blocked!: boolean;
  registeredAt!: string | null;
  lastSeenAt!: string | null;
  /** When the user was forgotten. */
  deletedAt!: string | null;
}

/** A page of users. */
export class UserListDto {
  items!: UserDto[];
  nextCursor!: string | null;
}

/** One message to the user, with what came of it on each channel. */
export class UserMessageDto {
  /** The newest of its deliveries. */
  id!: string;
  /** What the inbox says; null for what went by mail only: its words are not kept. */
  title!: string | null;
  /** When it was read in the inbox. */
  readAt!: string | null;
  class!: string;
  /** The template's name, or null for a campaign. */
  template!: string | null;
  campaignId!: string | null;
  createdAt!: string;
  deliveries!: DeliveryDto[];
}

/** A page of a user's messages. */
export class UserMessageListDto {
  items!: UserMessageDto[];
  nextCursor!: string | null;
}
