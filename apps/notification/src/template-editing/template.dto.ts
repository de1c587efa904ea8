import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type Locale, LOCALES } from '#libs/contracts';
import { Uuid } from '#libs/http';
import { ONE_LINE } from '../templates/one-line.js';

/** What a template says in one language. */
export class TemplateTextDto {
  /** Liquid: the mail's subject and the inbox title. */
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE, { message: '$property must be one line without control characters' })
  subject!: string;
  /** Liquid: the inbox text; absent: the body's text. */
  @IsOptional() @IsString() @MaxLength(1_000) summary?: string;
  /** Markdown with Liquid; a paragraph that holds nothing but a link becomes a button. */
  @IsString() @Length(1, 20_000) body!: string;
}

/** What a template says, by language; a language that is missing reads the English text. */
export class TemplateTextsDto {
  @IsOptional() @ValidateNested() @Type(() => TemplateTextDto) en?: TemplateTextDto;
  @IsOptional() @ValidateNested() @Type(() => TemplateTextDto) ru?: TemplateTextDto;
}

/** A draft to keep. */
export class SaveDraftDto {
  @IsObject() @ValidateNested() @Type(() => TemplateTextsDto) content!: TemplateTextsDto;
  /** The draft this one is made from; null: there was none. */
  @ValidateIf((body: SaveDraftDto) => body.revision !== null) @Uuid() revision!: string | null;
}

/** The draft that was looked at. */
export class DraftRevisionDto {
  @Uuid() revision!: string;
}

/** An earlier version to bring back; 0 is the starter text. */
export class RollBackTemplateDto {
  @IsInt() @Min(0) @Max(1_000_000) version!: number;
  /** What is sent now, as far as was looked at. */
  @IsInt() @Min(0) @Max(1_000_000) current!: number;
}

/** A text to look at before it is saved. */
export class PreviewTemplateDto {
  @IsObject() @ValidateNested() @Type(() => TemplateTextDto) text!: TemplateTextDto;
  @IsIn(LOCALES) locale!: Locale;
  /** Whose values to show: a user's address or id; absent: samples. */
  @IsOptional() @IsString() @Length(1, 254) user?: string;
}

/** A text as readers see it. */
export class TemplatePreviewDto {
  locale!: string;
  subject!: string;
  /** The inbox text. */
  summary!: string;
  /** The mail's HTML part; show it in a sandboxed frame. */
  html!: string;
  /** The mail's text part. */
  text!: string;
  /** The user it is shown as, and the language this user reads. */
  user!: PreviewUserDto | null;
  /** What would keep this text from being published. */
  faults!: TextFaultDto[];
}

/** Something that is wrong with a text. */
export class TextFaultDto {
  /** Stable, for machines. */
  code!: string;
  /** The variable, the limit or the place in the text; empty where there is nothing more to say. */
  about!: string;
  /** A sentence for people. */
  message!: string;
}

/** Whom a preview is shown as. */
export class PreviewUserDto {
  userId!: string;
  address!: string | null;
  locale!: string;
  /** True when the values are those of the last message of this kind to this user, false for samples. */
  lastMessage!: boolean;
}

/** A variable the author may use. */
export class TemplateVariableDto {
  name!: string;
  /** text, number, money, time, link or sealedLink */
  type!: string;
  /** The text must show it. */
  required!: boolean;
  /** What it looks like, in English. */
  sample!: string;
}

/** A draft. */
export class TemplateDraftDto {
  revision!: string;
  content!: TemplateTextsDto;
  savedBy!: string;
  savedAt!: string;
}

/** What is or was sent. */
export class TemplateVersionDto {
  /** 0: the starter text */
  version!: number;
  content!: TemplateTextsDto;
  /** null for the starter text */
  publishedBy!: string | null;
  publishedByAddress!: string | null;
  publishedAt!: string | null;
  /** The earlier version it brought back. */
  restored!: number | null;
}

/** A template in the list. */
export class TemplateSummaryDto {
  key!: string;
  /** security, billing, product or marketing */
  class!: string;
  /** What is sent now; 0: the starter text. */
  version!: number;
  publishedAt!: string | null;
  /** The subject of what is sent now, by language, as its author wrote it. */
  subjects!: Record<string, string>;
  hasDraft!: boolean;
  /** Why the starter text is sent instead of the published one; null when all is well. */
  broken!: string | null;
}

/** All templates. */
export class TemplateListDto {
  items!: TemplateSummaryDto[];
}

/** A template with all an editor needs. */
export class TemplateDto extends TemplateSummaryDto {
  variables!: TemplateVariableDto[];
  published!: TemplateVersionDto;
  draft!: TemplateDraftDto | null;
}

/** A page of a template's history, newest first; the starter text comes last. */
export class TemplateVersionListDto {
  items!: TemplateVersionDto[];
  nextCursor!: string | null;
}
