/** Transports over plain HTTP between a real server and a real client, for the suite that all transports pass. */
import {
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
  request,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionTransport, TransportEvents, TransportKind } from '../../lib/session/index.js';
import type { StreamTransport } from '../../lib/transport/event-stream/index.js';
import type { PollTransport } from '../../lib/transport/polling/index.js';
import type { TransportPeer, TransportUnderTest } from '../session/transport.contract.js';

interface Message {
  readonly event?: string;
  readonly data?: { readonly code: number; readonly reason: string };
}

/** What a client of either kind does in the same way: it POSTs what it has to say, and knows the last message. */
export abstract class HttpPeer implements TransportPeer {
  private readonly received: string[] = [];
  private wake: () => void = () => undefined;
  private posts = Promise.resolve();
  private tellClosed!: (end: { code: number; reason: string }) => void;
  readonly closed = new Promise<{ code: number; reason: string }>((resolve) => (this.tellClosed = resolve));

  constructor(protected readonly url: string) {}

  protected hear(text: string): void {
    const { event, data } = parsed(text);
    if (event === 'nestwire:close') return this.tellClosed(data!);
    this.received.push(text);
    this.wake();
  }

  send(text: string): void {
    this.posts = this.posts.then(() => fetch(this.url, { method: 'POST', body: text })).then(() => undefined);
  }

  async next(): Promise<string> {
    while (this.received.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received.shift()!;
  }

  leave(): void {
    void fetch(this.url, { method: 'DELETE' });
  }

  abstract stall(): void;
  abstract goOn(): void;
  abstract breakOff(): void;

  /** @param query with its `?` */
  protected get(headers: Record<string, string>, query = ''): ClientRequest {
    const asked = request(`${this.url}${query}`, { headers, agent: false });
    asked.on('error', () => undefined);
    return asked.end();
  }
}

/** Messages of the suite may be any text. */
function parsed(text: string): Message {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return {};
  }
}

interface Side {
  readonly events: TransportEvents;
  readonly created: (transport: HttpSessionTransport) => void;
  transport: HttpSessionTransport | undefined;
}

type HttpSessionTransport = StreamTransport | PollTransport;

export interface HttpTransportKind {
  readonly kind: TransportKind;
  connect(url: string): HttpPeer;
  /** Answers a GET; makes the transport when there is none. */
  serve(
    exchange: { request: IncomingMessage; response: ServerResponse },
    events: TransportEvents,
    transport: HttpSessionTransport | undefined,
  ): HttpSessionTransport;
}

export class HttpTransportsUnderTest implements TransportUnderTest {
  readonly kind: TransportKind;
  readonly goodbye = { code: 1000, reason: '' };
  private readonly sides: Side[] = [];

  private constructor(
    private readonly how: HttpTransportKind,
    private readonly server: Server,
  ) {
    this.kind = how.kind;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.serve(this.sides[Number.parseInt(request.url!.slice(1))]!, request, response);
    });
  }

  static async create(how: HttpTransportKind): Promise<HttpTransportsUnderTest> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HttpTransportsUnderTest(how, server);
  }

  private async serve(side: Side, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      const transport = this.how.serve({ request, response }, side.events, side.transport);
      if (side.transport) return;
      side.transport = transport;
      return side.created(transport);
    }
    if (request.method === 'DELETE') side.transport!.leave();
    else {
      side.events.message(Buffer.concat(await request.toArray()).toString());
      await side.transport!.gate.passed();
    }
    response.end();
  }

  async connect(events: TransportEvents): Promise<{ transport: SessionTransport; peer: TransportPeer }> {
    const { port } = this.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/${this.sides.length}`;
    const created = new Promise<SessionTransport>((resolve) => {
      this.sides.push({ events, created: resolve, transport: undefined });
    });
    const peer = this.how.connect(url);
    return { transport: await created, peer };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
