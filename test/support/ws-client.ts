import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

export type Message = Record<string, unknown>;

/** What messages are on the wire. */
export interface WireFormat {
  readonly encode: (message: unknown) => string | Uint8Array;
  readonly decode: (data: Buffer, isBinary: boolean) => unknown;
}

const JSON_TEXT: WireFormat = {
  encode: (message) => (typeof message === 'string' ? message : JSON.stringify(message)),
  decode: (data) => JSON.parse(data.toString()) as unknown,
};

/** A WebSocket client that keeps what it received until a test asks for it. */
export class WsClient {
  private readonly received: Message[] = [];
  private readonly waiting: ((message: Message) => void)[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(
    readonly socket: WebSocket,
    private readonly format: WireFormat,
  ) {
    socket.on('message', (data: Buffer, isBinary) => this.receive(format.decode(data, isBinary) as Message));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  /** Resolves when the connection is open; rejects with a `RefusedHandshake` for an HTTP answer. */
  static connect(
    url: string,
    protocols: string[] = [],
    headers: Record<string, string> = {},
    format = JSON_TEXT,
  ): Promise<WsClient> {
    const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
    const client = new WsClient(socket, format);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(client));
      socket.on(
        'unexpected-response',
        (_request, response) => void readRefusal(response).then(reject, reject),
      );
      socket.on('error', reject);
    });
  }

  private receive(message: Message): void {
    const waiter = this.waiting.shift();
    if (waiter) waiter(message);
    else this.received.push(message);
  }

  send(message: unknown): void {
    this.socket.send(this.format.encode(message));
  }

  /** The next message, whether it is here already or not. */
  next(): Promise<Message> {
    const message = this.received.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.waiting.push(resolve));
  }

  async take(count: number): Promise<Message[]> {
    const messages: Message[] = [];
    for (let i = 0; i < count; i++) messages.push(await this.next());
    return messages;
  }

  async request(event: string, data?: unknown, id: string | number = 'r'): Promise<Message> {
    this.send({ event, data, id });
    return this.next();
  }

  async close(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }

  terminate(): void {
    this.socket.terminate();
  }
}

/** A handshake that was answered by something else than 101. */
export class RefusedHandshake extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingMessage['headers'],
    readonly body: string,
  ) {
    super(`${status} ${body}`);
  }
}

async function readRefusal(response: IncomingMessage): Promise<RefusedHandshake> {
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return new RefusedHandshake(response.statusCode ?? 0, response.headers, body);
}
