import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test asks about a span. */
export interface CollectedSpan {
  service: string;
  /** The instrumentation that made it. */
  library: string;
  traceId: string;
  name: string;
  /** The whole of it, in which a text may be looked for. */
  raw: Buffer;
}

/** Stands where Jaeger would: takes OTLP over HTTP in its binary form and remembers the spans. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/v1/traces') this.spans.push(...spansOf(Buffer.concat(chunks)));
        response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
      });
    });
  }

  static async start(): Promise<TraceCollector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TraceCollector(server);
  }

  /** The value of OTEL_EXPORTER_OTLP_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Field numbers of opentelemetry/proto/trace/v1 and resource/v1. */
function spansOf(request: Buffer): CollectedSpan[] {
  return all(request, 1).flatMap((resourceSpans) => {
    const attributes = all(first(resourceSpans, 1), 1);
    const named = attributes.find((attribute) => first(attribute, 1).toString() === 'service.name');
    const service = named ? first(first(named, 2), 1).toString() : '';
    return all(resourceSpans, 2).flatMap((scopeSpans) =>
      all(scopeSpans, 2).map((span) => ({
        service,
        library: first(first(scopeSpans, 1), 1).toString(),
        traceId: first(span, 1).toString('hex'),
        name: first(span, 5).toString(),
        raw: span,
      })),
    );
  });
}

const first = (message: Buffer, field: number): Buffer => all(message, field)[0] ?? Buffer.alloc(0);

/** The length-delimited fields of that number in a protocol buffers message (https://protobuf.dev/programming-guides/encoding). */
function all(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
