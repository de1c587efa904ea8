import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP way to a store that a test can cut, mend and clog. */
export class TestProxy {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private isDown = false;
  private isFrozen = false;
  private fatal: string | undefined;

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => this.accept(client));
  }

  /** Stands before the store at this address. */
  static async before(target: string): Promise<TestProxy> {
    const proxy = new TestProxy(new URL(target));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** The store's address through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Ends every connection and refuses new ones. */
  down(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.destroy();
  }

  up(): void {
    this.isDown = false;
  }

  /** Reads no more of what clients send, as a frozen server or a network that is cut does. */
  freeze(): void {
    this.isFrozen = true;
  }

  /** Reads again; connections that stood still meanwhile are ended. */
  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Ends each connection whose client sends this text; undefined: none any more. */
  cutAt(text: string | undefined): void {
    this.fatal = text;
  }

  async close(): Promise<void> {
    this.down();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    if (this.isDown) return void client.destroy();
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => (this.sockets.delete(socket), other.destroy()));
    }
    client.on('data', (data) => {
      if (this.isFrozen) client.pause();
      else if (this.fatal !== undefined && data.includes(this.fatal)) client.destroy();
      else upstream.write(data);
    });
    upstream.pipe(client);
  }
}
