/** Likeliest first: a thrown error as Node prints it, then anything that sounds like trouble. */
const SIGNS = [
  /^(uncaught )?\w*(error|fault)( \[\w+\])?:/i,
  /fatal|error|fail|cannot|refused|missing|malformed|invalid/i,
];
const LONGEST = 300;

/** The message in a JSON log line, the line itself otherwise. */
function messageIn(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return err?.message ?? msg ?? line;
  } catch {
    return line;
  }
}

/** The line of an output that tells most about a failure; the last one when none stands out. */
export function tellingLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => messageIn(line.trim()))
    // Neither the stack below an error nor the quoted source above it.
    .filter((line) => line !== '' && !line.startsWith('at ') && !line.startsWith('throw '));
  const found = SIGNS.map((sign) => lines.find((line) => sign.test(line))).find((line) => line !== undefined);
  return (found ?? lines.at(-1) ?? '').slice(0, LONGEST);
}
