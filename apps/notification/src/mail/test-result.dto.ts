/** What came of a test. */
export class TestResultDto {
  /** sent, failed or skipped; pending: the mail server did not take it just now. */
  state!: string;
  /** What the mail server answered, or why nothing was sent. */
  detail!: string;
}
