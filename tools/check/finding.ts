/** One thing to mend: where, which rule, and what to do about it. */
export interface Finding {
  /** Path relative to the repository's root. */
  file: string;
  line?: number;
  rule: string;
  message: string;
}

/** One part of the check. `run` returns what is wrong in the repository at `root`; an empty list is a pass. */
export interface Step {
  name: string;
  run(root: string): Promise<Finding[]> | Finding[];
}

/** A finding as one line: `file:line  rule  message`. */
export function toLine({ file, line, rule, message }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`}  ${rule}  ${message.replaceAll(/\s+/g, ' ')}`;
}
