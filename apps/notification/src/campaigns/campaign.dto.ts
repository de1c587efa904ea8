import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Locale, LOCALES } from '#libs/contracts';
import { Instant } from '#libs/http';
import { ONE_LINE } from '../templates/one-line.js';
import { AudienceDto } from './audience.dto.js';

/** What the campaign says in one language. */
export class CampaignTextDto {
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE, { message: '$property must be one line without control characters' })
  subject!: string;
  /** Markdown; `{{ email }}` is the reader's address. */
  @IsString() @Length(1, 20_000) body!: string;
}

/** What the campaign says, by language; a reader without a text of their own gets the other. */
export class CampaignContentDto {
  @IsOptional() @ValidateNested() @Type(() => CampaignTextDto) en?: CampaignTextDto;
  @IsOptional() @ValidateNested() @Type(() => CampaignTextDto) ru?: CampaignTextDto;
}

/** A new campaign. */
export class CreateCampaignDto {
  @IsString()
  @Length(1, 120)
  @Matches(ONE_LINE, { message: '$property must be one line without control characters' })
  name!: string;
  @IsArray() @ArrayNotEmpty() @ArrayUnique() @IsIn(['inbox', 'email'], { each: true }) channels!: ('inbox' | 'email')[];
  @IsObject() @ValidateNested() @Type(() => AudienceDto) audience!: AudienceDto;
  @IsObject() @ValidateNested() @Type(() => CampaignContentDto) content!: CampaignContentDto;
}

/** Texts to look at before they are saved. */
export class PreviewCampaignDto {
  @IsObject() @ValidateNested() @Type(() => CampaignContentDto) content!: CampaignContentDto;
}

/** What readers of one language will see. */
export class PreviewDto {
  locale!: string;
  subject!: string;
  /** The inbox text. */
  summary!: string;
  /** The mail's HTML part; show it in a sandboxed frame. */
  html!: string;
  /** The mail's text part. */
  text!: string;
}

/** One preview per language that has a text. */
export class PreviewListDto {
  items!: PreviewDto[];
}

/** When a campaign starts by itself. */
export class ScheduleCampaignDto {
  /** In the future. */
  @Instant() startAt!: Date;
}

/** Starts a campaign. */
export class StartCampaignDto {
  /** Needed when everybody was written to a moment ago. */
  @IsOptional() @IsBoolean() confirm?: boolean;
}

/** The second administrator's yes. */
export class ApproveCampaignDto {
  /** What was looked at; absent: whatever the campaign says now. */
  @IsOptional() @IsInt() @Min(1) revision?: number;
}

/** Sends a campaign to the administrator who asks. */
export class TestCampaignDto {
  @IsIn(LOCALES) locale!: Locale;
}

/** An audience to count. */
export class CountAudienceDto {
  @IsObject() @ValidateNested() @Type(() => AudienceDto) audience!: AudienceDto;
}

/** How many users an audience means right now. */
export class AudienceSizeDto {
  recipients!: number;
  /** From this many on, a second administrator must approve. */
  approvalFrom!: number;
}

/** How far a campaign has come: messages, counted once per channel. */
export class ProgressDto {
  total!: number;
  pending!: number;
  sent!: number;
  failed!: number;
  skipped!: number;
}

/** A campaign. */
export class CampaignDto {
  id!: string;
  name!: string;
  /** draft, scheduled, running, paused, cancelled, done or partly_failed */
  status!: string;
  channels!: string[];
  audience!: AudienceDto;
  content!: CampaignContentDto;
  createdAt!: string;
  createdBy!: string;
  /** Grows with every change. */
  revision!: number;
  approvedBy!: string | null;
  scheduledFor!: string | null;
  startedAt!: string | null;
  finishedAt!: string | null;
  progress!: ProgressDto;
}

/** A page of campaigns. */
export class CampaignListDto {
  items!: CampaignDto[];
  nextCursor!: string | null;
}
