/**
 * A client of a resumable session over real sockets, as docs/sessions.md describes one: it counts what it got,
 * keeps what it sent until it is acknowledged, and comes back with both. What it got is in `messages`.
 */
import { WebSocket } from 'ws';
import type { SessionData } from '../../lib/protocol/envelope/index.js';
import type { Message } from './ws-client.js';

export class ResumingWsClient {
  /** Everything but `nestwire:session`, in the order it came. */
  readonly messages: Message[] = [];
  readonly cursors: Record<string, string> = {};
  /** What the server said first, on each connection. */
  readonly introductions: SessionData[] = [];
  readonly closeCodes: number[] = [];
  private socket: WebSocket | undefined;
  private received = 0;
  private sent = 0;
  private unacknowledged: { readonly number: number; readonly text: string }[] = [];
  private isOnline = false;
  private changed: () => void = () => undefined;

  /** @param url without `nestwire-session`; where it connects to the next time */
  constructor(
    public url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  get introduction(): SessionData | undefined {
    return this.introductions.at(-1);
  }

  /** Settles when the session was introduced; rejects when the handshake is refused. */
  connect(): Promise<SessionData> {
    const { introduction } = this;
    const wish = introduction ? `${introduction.id}.${introduction.secret}` : 'new';
    const url = `${this.url}?nestwire-session=${wish}`;
    const socket = new WebSocket(url, { headers: this.headers, perMessageDeflate: false });
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_request, { statusCode }) => reject(new Error(String(statusCode))));
      socket.on('error', reject);
      socket.on('close', (code) => {
        this.closeCodes.push(code);
        if (this.socket === socket) this.isOnline = false;
        this.changed();
      });
      socket.on('message', (data: Buffer) => {
        if (this.socket !== socket) return;
        const message = JSON.parse(data.toString()) as Message;
        if (message['event'] === 'nestwire:session') resolve(this.introduced(message['data'] as SessionData));
        else this.receive(message);
      });
    });
  }

  private introduced(data: SessionData): SessionData {
    if (this.introductions.length > 0) {
      const { received, cursors } = this;
      this.transmit({ event: 'nestwire:resume', data: { received, cursors } });
    }
    if (!data.resumed) this.startAnew();
    this.introductions.push(data);
    this.unacknowledged = this.unacknowledged.filter(({ number }) => number > data.received);
    for (const { text } of this.unacknowledged) this.socket!.send(text);
    this.isOnline = true;
    return data;
  }

  /** What was not answered in the former session may have run: it is not sent again. */
  private startAnew(): void {
    if (this.introductions.length > 0) this.unacknowledged = [];
    this.unacknowledged = this.unacknowledged.map(({ text }, i) => ({ number: i + 1, text }));
    this.sent = this.unacknowledged.length;
    this.received = 0;
  }

  private receive(message: Message): void {
    const { event, channel, data, cursor } = message as Message & { event: string; channel?: string };
    if (event.startsWith('nestwire:')) {
      const about = data as { channel?: string; cursor?: string; missed?: number };
      if (about.channel !== undefined && about.cursor !== undefined)
        this.cursors[about.channel] = about.cursor;
      this.received += about.missed ?? 0;
    } else if (channel !== undefined) {
      if (cursor !== undefined) this.cursors[channel] = cursor as string;
    } else this.received++;
    this.messages.push(message);
    this.changed();
  }

  private transmit(message: unknown): void {
    this.socket!.send(JSON.stringify(message));
  }

  /** Sends now, or when there is a connection. */
  send(message: Message): void {
    const text = JSON.stringify(message);
    this.unacknowledged.push({ number: ++this.sent, text });
    if (this.isOnline) this.socket!.send(text);
  }

  /** Settles when `condition` holds. It is looked at with every message and close. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.changed = resolve));
  }

  /** The connection is gone without a word, as when a cable is pulled: what was under way is lost. */
  reset(): void {
    this.isOnline = false;
    const { socket } = this;
    this.socket = undefined;
    (socket as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy();
  }

  close(code = 1000): void {
    this.socket?.close(code);
  }
}
