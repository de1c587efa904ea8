import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Instant, PageLimit, Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';

/** Which entries are wanted; all of it optional. */
export class FilterTransactionsDto {
  @IsOptional()
  @Uuid()
  accountId?: string;

  @IsOptional()
  @Matches(/^[A-Z]{3}$/)
  currency?: string;

  @IsOptional()
  @Matches(/^[a-z_]{1,60}$/)
  kind?: string;

  /** Not earlier than. */
  @IsOptional()
  @Instant()
  from?: Date;

  /** Earlier than. */
  @IsOptional()
  @Instant()
  to?: Date;

  /** Least amount, "-5.00" for example; needs `currency`. */
  @IsOptional()
  @Matches(/^-?[0-9]{1,14}(\.[0-9]{1,4})?$/)
  amountFrom?: string;

  /** Greatest amount; needs `currency`. */
  @IsOptional()
  @Matches(/^-?[0-9]{1,14}(\.[0-9]{1,4})?$/)
  amountTo?: string;
}

/** A page of entries. */
export class ListTransactionsDto extends FilterTransactionsDto {
  @PageLimit(100)
  limit: number = 20;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** All entries as a file. */
export class ExportTransactionsDto extends FilterTransactionsDto {
  @ApiPropertyOptional()
  @IsIn(['csv', 'ndjson'])
  format: 'csv' | 'ndjson' = 'csv';
}

/** One line of an account. */
export class TransactionDto {
  /** Of the transaction; its lines on several accounts share it. */
  id!: string;
  kind!: string;
  accountId!: string;
  seq!: number;
  currency!: string;
  /** What was added; negative when it was taken. */
  amount!: MoneyDto;
  balanceAfter!: MoneyDto;
  occurredAt!: Date;
}

/** A page of lines, newest first. */
export class TransactionPageDto {
  items!: TransactionDto[];
  nextCursor!: string | null;
  /** `ledger` while the history is not available: this is the newest page, further ones come later. */
  source!: 'history' | 'ledger';
}

/** One movement of a transaction. */
export class TransactionLegDto {
  code!: string;
  debit!: string;
  credit!: string;
  amount!: MoneyDto;
}

/** A transaction with its lines and movements. */
export class TransactionDetailsDto {
  id!: string;
  kind!: string;
  occurredAt!: Date;
  lines!: TransactionDto[];
  legs!: TransactionLegDto[];
  /** Quote, rate, payment: what explains the amounts. */
  details!: Record<string, string>;
  /** The head of each account's hash chain after this transaction: proof of everything before it. */
  hashes!: Record<string, string>;
}
