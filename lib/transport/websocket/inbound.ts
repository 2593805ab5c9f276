/**
 * Reading from a socket into a protocol, with a pause wherever a message takes time to decode: nothing behind
 * it is read before it, so that order and limits hold by themselves. What was read and not taken is less
 * than one chunk.
 */
import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { type WebSocketProtocol, invalidUtf8 } from '../../protocol/websocket/index.js';
import type { MessageStage } from './message-stage.js';

/** The connection, as reading needs it. */
export interface Reader {
  readonly protocol: WebSocketProtocol;
  /** Takes a chunk as if it had just come. */
  receive(chunk: Buffer): void;
}

/** Whom to tell of decoded messages. */
export interface MessageListener {
  onMessage(payload: Buffer, isBinary: boolean): void;
}

export class Inbound {
  private decoding = false;
  isPaused = false;
  private unread: Buffer | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly reader: Reader,
    private readonly owner: MessageListener,
  ) {}

  receive(chunk: Buffer): void {
    const taken = this.reader.protocol.receive(chunk);
    if (taken < chunk.length) this.unread = chunk.subarray(taken);
  }

  pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (!this.decoding) this.socket.resume();
  }

  /** @throws WebSocketError for what can't be decoded, where that is known at once */
  decode(stage: MessageStage, payload: Buffer, isBinary: boolean, rsv: number): void {
    const decoded = stage.decode(payload, rsv);
    if (decoded instanceof Promise) this.suspendUntil(decoded, isBinary);
    else this.check(decoded, isBinary);
  }

  /** RFC 7692 §6.2 leaves text to be checked after inflating. @throws WebSocketError 1007 */
  private check(payload: Buffer, isBinary: boolean): void {
    if (!isBinary && !isUtf8(payload)) throw invalidUtf8('text message');
    this.owner.onMessage(payload, isBinary);
  }

  private suspendUntil(decoded: Promise<Buffer>, isBinary: boolean): void {
    this.decoding = true;
    this.reader.protocol.suspend();
    this.socket.pause();
    decoded.then(
      // Outside of the promise, so that what a listener throws is not taken for a rejection
      (payload) => process.nextTick(() => this.goOn(() => this.check(payload, isBinary))),
      (error: unknown) => process.nextTick(() => this.goOn(() => this.reader.protocol.failOrThrow(error))),
    );
  }

  private goOn(settle: () => void): void {
    const { protocol } = this.reader;
    if (protocol.state === 'closed') return;
    this.decoding = false;
    protocol.resume();
    try {
      settle();
    } catch (error) {
      protocol.failOrThrow(error);
    }
    const { unread } = this;
    this.unread = undefined;
    if (unread) this.reader.receive(unread);
    if (!this.isPaused && !this.decoding) this.socket.resume();
  }
}
