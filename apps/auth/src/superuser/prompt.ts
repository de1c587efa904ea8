import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where somebody may sit and type. */
export interface Keyboard extends NodeJS.ReadableStream {
  isTTY?: boolean;
}

/** Asks for what is missing, line by line; a password typed at a terminal is not shown. Undefined when the input ends early. */
export async function askFor(
  missing: readonly ('E-mail' | 'Password')[],
  keyboard: Keyboard,
  screen: NodeJS.WritableStream,
): Promise<string[] | undefined> {
  const answers: string[] = [];
  const hidden = (): boolean => missing[answers.length] !== 'E-mail';
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden()) screen.write(chunk);
      done();
    },
  });
  // As a terminal readline shows each key itself, through `echo`; otherwise nothing but the question is written.
  const prompt = createInterface({ input: keyboard, output: echo, terminal: keyboard.isTTY === true });
  const question = (): void => {
    prompt.setPrompt(`${missing[answers.length]}: `);
    if (hidden()) screen.write(prompt.getPrompt());
    else prompt.prompt();
  };
  return new Promise((resolve) => {
    prompt.on('line', (line) => {
      if (hidden() && keyboard.isTTY) screen.write('\n');
      answers.push(line);
      if (answers.length === missing.length) prompt.close();
      else question();
    });
    prompt.on('close', () => resolve(answers.length === missing.length ? answers : undefined));
    question();
  });
}
