/** One server-sent event. */
export interface StreamEvent {
  id: string;
  type: string;
  data: string;
}

/** Reads a stream of server-sent events as a client with an Authorization header does. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  /** Resolves when the stream has ended, from whichever side. */
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();
  private arrived: (() => void)[] = [];

  constructor(url: string, token: string, lastEventId?: string) {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    this.ended = this.read(url, headers).catch((error: unknown) => {
      if (!this.abort.signal.aborted) throw error;
    });
  }

  /** What to come back with. */
  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  /** Resolves once what has come satisfies the condition; throws when the stream ends before. */
  async until(holds: (events: StreamEvent[]) => boolean): Promise<void> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!holds(this.events)) {
      if (over) throw new Error('The stream has ended');
      await Promise.race([new Promise<void>((resolve) => this.arrived.push(resolve)), this.ended, tick()]);
    }
  }

  close(): void {
    this.abort.abort();
  }

  private async read(url: string, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.abort.signal });
    if (!response.ok) throw new Error(`The stream answers ${response.status}`);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    const event = { id: field('id'), type: field('event'), data: field('data') };
    if (event.id) this.events.push(event);
    const waiting = this.arrived;
    this.arrived = [];
    for (const resolve of waiting) resolve();
  }
}

/** Conditions may depend on more than the stream. */
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
