/** A failure the developer can mend: one line saying what is wrong and what to do. */
export class StackFault extends Error {
  constructor(message: string, mend?: string) {
    super(mend ? `${message}. ${mend}` : message);
    this.name = 'StackFault';
  }
}

/** The one line to print for any error. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
