import pg from 'pg';

/** A connection that is cut tells those who use it by failing their queries; the event besides would end the process. */
const heard = (): void => undefined;

/** A client for a test or a tool, not yet connected, whose connection may be cut: only its queries fail. */
export function sqlClient(url: string, options: pg.ClientConfig = {}): pg.Client {
  return new pg.Client({ ...options, connectionString: url }).on('error', heard);
}

/** A pool for a test or a tool: its connections may be cut, idle or in use, and are closed on both sides once `end` has resolved. */
export function sqlPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max }).on('error', heard);
  const closed = new Set<Promise<void>>();
  pool.on('connect', (client) => {
    client.on('error', heard);
    const closing = new Promise<void>((resolve) => client.once('end', resolve)).then(() => void closed.delete(closing));
    closed.add(closing);
  });
  const end = pool.end.bind(pool);
  return Object.assign(pool, {
    async end(): Promise<void> {
      await end();
      await Promise.all(closed);
    },
  });
}
