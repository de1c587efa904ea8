import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { askFor } from './prompt.js';

const PASSWORD = 'correct horse battery';

/** A terminal: it shows what is typed by itself until it is put in raw mode. */
class Terminal extends PassThrough {
  readonly isTTY = true;
  raw = false;

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
}

describe('the prompt', () => {
  it.each([
    ['line by line', [`root@example.com\r`, `${PASSWORD}\r`]],
    ['pasted at once', [`root@example.com\r${PASSWORD}\r`]],
  ])('shows the address and never the password, %s', async (_, typed) => {
    const [keyboard, screen] = [new Terminal(), new PassThrough()];
    const asked = askFor(['E-mail', 'Password'], keyboard, screen);
    expect(keyboard.raw).toBe(true);
    for (const keys of typed) keyboard.write(keys);
    expect(await asked).toEqual(['root@example.com', PASSWORD]);
    expect(keyboard.raw).toBe(false);
    const shown = await text(screen.end());
    expect(shown).toContain('root@example.com');
    expect(shown).toContain('Password: ');
    for (const part of PASSWORD.split(' ')) expect(shown).not.toContain(part);
  });

  it('hides the password when the address is known already', async () => {
    const [keyboard, screen] = [new Terminal(), new PassThrough()];
    const asked = askFor(['Password'], keyboard, screen);
    keyboard.write(`${PASSWORD}\r`);
    expect(await asked).toEqual([PASSWORD]);
    expect(await text(screen.end())).toBe('Password: \n');
  });

  it('reads lines from a pipe, and says when they end early', async () => {
    const screen = new PassThrough();
    const pipe = new PassThrough();
    pipe.end(`root@example.com\n${PASSWORD}\n`);
    expect(await askFor(['E-mail', 'Password'], pipe, screen)).toEqual(['root@example.com', PASSWORD]);
    const short = new PassThrough();
    short.end('root@example.com\n');
    expect(await askFor(['E-mail', 'Password'], short, screen)).toBeUndefined();
  });
});
