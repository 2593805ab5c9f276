/**
 * The other end of a WebSocket connection, made of nothing but a socket: sends whatever a test wants,
 * cut however it wants, and shows what came back. Waits for events; a deadline only ends a wait that
 * would otherwise last for ever, and says what had come by then.
 */
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { deliver, inOnePiece, type Delivery } from './raw-peer-delivery.js';
import { close, encodeFrame, type FrameSpec } from './raw-peer-frames.js';
import {
  parseRequestHead,
  parseResponseHead,
  upgradeRequest,
  type RawRequest,
  type RawResponse,
  type RequestChanges,
} from './raw-peer-http.js';
import { FrameReader, MessageReader, type Received } from './raw-peer-reader.js';

/** A frame, or bytes that need not be one. */
export type Piece = FrameSpec | Buffer;

export interface RawPeerOptions {
  /** Which side this peer plays; decides about masks (RFC 6455 §5.1). */
  readonly role?: 'client' | 'server';
  /** Reserved bits the other side may set, RSV1 being 4. */
  readonly allowedRsv?: number;
  /** How long one wait may last. Default: nearly as long as a test. */
  readonly deadlineMs?: number;
}

/** Before the time limit of a test, so that what is said is what did not come. */
const DEADLINE_MS = 25_000;

export class RawPeer {
  /** Messages and control frames that came and were not taken yet. */
  readonly received: Received[] = [];
  /** Whether the other side will send nothing more, and how it ended. */
  ended: 'fin' | 'reset' | undefined;
  private head: Buffer = Buffer.alloc(0);
  private frames: FrameReader | undefined;
  private fault: Error | undefined;
  private readonly waiting = new Set<() => void>();
  readonly role: 'client' | 'server';
  private readonly deadlineMs: number;
  private readonly allowedRsv: number;

  constructor(
    readonly socket: Duplex,
    { role = 'client', allowedRsv = 0, deadlineMs = DEADLINE_MS }: RawPeerOptions = {},
  ) {
    this.role = role;
    this.deadlineMs = deadlineMs;
    this.allowedRsv = allowedRsv;
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('end', () => this.end('fin'));
    socket.on('error', () => this.end('reset'));
    socket.on('close', () => this.end('reset'));
  }

  static async connect(port: number, options: RawPeerOptions = {}): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new RawPeer(socket, options);
  }

  /** Connects and completes the opening handshake. */
  static async open(
    port: number,
    changes: RequestChanges = {},
    options: RawPeerOptions = {},
  ): Promise<RawPeer> {
    const peer = await RawPeer.connect(port, options);
    const response = await peer.upgrade(changes);
    if (response.status !== 101) throw new Error(`refused with ${response.status}: ${response.body}`);
    return peer;
  }

  /** Sends an opening handshake, correct but for `changes`, and reads the answer. */
  async upgrade(changes: RequestChanges = {}): Promise<RawResponse> {
    this.write(upgradeRequest(changes));
    return this.response();
  }

  /** Sends frames or raw bytes. Resolves when the last piece was handed to the kernel. */
  send(pieces: Piece | readonly Piece[], delivery: Delivery = inOnePiece): Promise<void> {
    return deliver(this.socket, this.encode(pieces), delivery);
  }

  encode(pieces: Piece | readonly Piece[]): Buffer {
    const list = isList(pieces) ? pieces : [pieces];
    return Buffer.concat(list.map((piece) => ('payload' in piece ? encodeFrame(piece, this.role) : piece)));
  }

  /** Writes without waiting. Nothing happens when the other side has gone. */
  write(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Reads a response; what follows a 101 is taken for frames, what follows another one for its body. */
  async response(): Promise<RawResponse> {
    const size = await this.until('response head', () => {
      const at = this.head.indexOf('\r\n\r\n');
      if (at < 0 && this.ended) throw new Error(`ended (${this.ended}) instead of answering`);
      return at < 0 ? undefined : at + 4;
    });
    const response = parseResponseHead(this.head.toString('latin1', 0, size - 4));
    if (response.status === 101) this.startFrames(this.head.subarray(size));
    else await this.until('end of the refusal', () => this.ended);
    const body = this.head.toString('utf8', size);
    return { ...response, body: response.status === 101 ? '' : body };
  }

  /** Reads a request; what follows is taken for frames. */
  async request(): Promise<RawRequest> {
    const size = await this.until('request head', () => {
      const at = this.head.indexOf('\r\n\r\n');
      if (at < 0 && this.ended) throw new Error(`ended (${this.ended}) instead of asking`);
      return at < 0 ? undefined : at + 4;
    });
    const request = parseRequestHead(this.head.toString('latin1', 0, size - 4));
    this.startFrames(this.head.subarray(size));
    return request;
  }

  /** Everything that came before the first frame, as it is. */
  get rawText(): string {
    return this.head.toString('latin1');
  }

  startFrames(first: Buffer = Buffer.alloc(0)): void {
    const sender = this.role === 'client' ? 'server' : 'client';
    const messages = new MessageReader((one) => this.received.push(one), sender, this.allowedRsv);
    this.frames = new FrameReader(messages.push);
    if (first.length > 0) this.read(first);
  }

  /** The next message or control frame. */
  next(): Promise<Received> {
    return this.until('frame', () => {
      const first = this.received.shift();
      if (!first && this.ended) throw new Error(`ended (${this.ended}) instead of sending a frame`);
      return first;
    });
  }

  /** Waits until the other side ended its half, and gives all that came before. */
  async untilEnded(): Promise<Received[]> {
    await this.until('end of the connection', () => this.ended);
    return this.received.splice(0);
  }

  /** The whole closing handshake from this side; gives what came meanwhile, the close frame included. */
  async closeAndEnd(code = 1000): Promise<Received[]> {
    await this.send(close(code));
    const rest = await this.untilEnded();
    this.socket.end();
    return rest;
  }

  /** Ends the connection by RST where there is one, else at once. */
  reset(): void {
    if (this.socket instanceof Socket) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Resolves with the first value that `probe` gives; probes after everything that happens here. */
  until<T>(what: string, probe: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.waiting.delete(check);
        clearTimeout(deadline);
        act();
      };
      const check = (): void => {
        try {
          if (this.fault) throw this.fault;
          const value = probe();
          if (value !== undefined) settle(() => resolve(value));
        } catch (error) {
          settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      const late = (): void => settle(() => reject(new Error(this.report(what))));
      const deadline = setTimeout(late, this.deadlineMs);
      this.waiting.add(check);
      check();
    });
  }

  private report(what: string): string {
    const kinds = this.received.map(({ kind, payload }) => `${kind}(${payload.length})`).join(' ');
    const partial = this.frames?.pendingBytes ?? this.head.length;
    return `no ${what} within ${this.deadlineMs} ms; unread: [${kinds}] and ${partial} bytes; ended: ${String(this.ended)}`;
  }

  private read(chunk: Buffer): void {
    try {
      if (this.frames) this.frames.push(chunk);
      else this.head = Buffer.concat([this.head, chunk]);
    } catch (error) {
      this.fault ??= error as Error;
    }
    this.changed();
  }

  private end(how: 'fin' | 'reset'): void {
    this.ended ??= how;
    this.changed();
  }

  private changed(): void {
    for (const check of this.waiting) check();
  }
}

const isList = (pieces: Piece | readonly Piece[]): pieces is readonly Piece[] => Array.isArray(pieces);
