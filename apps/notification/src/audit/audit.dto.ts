/** One act of an administrator. */
export class AuditEntryDto {
  id!: string;
  at!: string;
  /** The administrator's user id. */
  by!: string;
  /** null: not known here */
  byAddress!: string | null;
  /** For example template.published */
  action!: string;
  subject!: string;
  details!: Record<string, string | number>;
}

/** A page of the audit log. */
export class AuditListDto {
  items!: AuditEntryDto[];
  nextCursor!: string | null;
}
