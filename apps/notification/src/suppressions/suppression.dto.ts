/** An address nothing but security mail is sent to. */
export class SuppressionDto {
  id!: string;
  /** null: its owner was forgotten. */
  address!: string | null;
  reason!: string;
  /** What the mail server answered. */
  response!: string;
  createdAt!: string;
}

/** A page of the suppression list. */
export class SuppressionListDto {
  items!: SuppressionDto[];
  nextCursor!: string | null;
}
