/**
 * Holding a connection's reading up, for any of four reasons (`Hold`), and going on where it stopped.
 *
 * Theory of operation. All but the application's pause stop the parser too, so that nothing behind the
 * message at hand is read before its time: order and limits then hold by themselves. What was read from the
 * socket and not taken is less than one chunk; the rest stays in the kernel, where it slows the peer.
 *
 * A turn. libuv reads a busy socket up to 32 times, 64 KiB each, before it looks at another, and one such
 * chunk may hold ten thousand messages. So a connection gets so many frames a turn, then others do, and it
 * goes on in the next turn of the event loop. Frames are counted rather than bytes, since it is they that
 * cost: a large message in many chunks is never held up. A chunk smaller than one read is the last of its
 * turn, so that a connection which sends less has no timer and no pause.
 */
import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type WebSocketProtocol, invalidUtf8 } from '../../protocol/websocket/index.js';
import type { MessageStage } from './message-stage.js';

/** The connection, as reading needs it. */
export interface Reader {
  readonly protocol: WebSocketProtocol;
  /** Takes the rest of a chunk. */
  read(chunk: Buffer): void;
}

/** Whom to tell of decoded messages. */
export interface MessageListener {
  onMessage(payload: Buffer, isBinary: boolean): void;
}

/**
 * Frames of one connection before others get their turn: few enough that these hardly wait, and so many
 * that pausing costs nothing beside them. Between two turns of the event loop a connection may have two
 * such portions, one left over and one newly read.
 */
export const FRAMES_PER_TURN = 1024;

/** What a compressed message costs by itself, as so many frames, and for each byte before and after. */
const FRAMES_PER_DECODING = 16;
const ENCODED_BYTES_PER_FRAME = 64;
const DECODED_BYTES_PER_FRAME = 512;

/** What libuv reads at once. */
const READ_BYTES = 64 * 1024;

/** Whether libuv has, with this chunk, emptied the socket for now. TLS cuts what was read into records. */
export function isLastOfTurn(chunk: Buffer, socket: Socket | TLSSocket): boolean {
  return chunk.length < READ_BYTES && !('encrypted' in socket);
}

/** Reasons not to read, as bits. */
const Hold = { application: 1, decoding: 2, turn: 4, backlog: 8 } as const;
type Hold = (typeof Hold)[keyof typeof Hold];

export class Inbound {
  private holds = 0;
  private unread: Buffer | undefined;
  private steps: (() => void)[] | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly reader: Reader,
    private readonly owner: MessageListener,
  ) {}

  /** By the application. */
  get isPaused(): boolean {
    return (this.holds & Hold.application) !== 0;
  }

  /** Whether silence is the peer's, not ours. */
  get isReading(): boolean {
    return this.holds === 0;
  }

  /** What the protocol did not take: something holds it up, or the frames of this turn are used up. */
  keep(rest: Buffer): void {
    this.unread = rest;
    if (!this.reader.protocol.isExhausted || (this.holds & Hold.turn) !== 0) return;
    this.hold(Hold.turn);
    setImmediate(beginTurn, this);
  }

  /** @internal */
  beginTurn(): void {
    this.reader.protocol.beginTurn();
    this.release(Hold.turn);
  }

  /** While more waits to be encoded than should, the peer gets no chance to cause more of it. */
  onBacklog(isHigh: boolean): void {
    if (isHigh) this.hold(Hold.backlog);
    else this.release(Hold.backlog);
  }

  pause(): void {
    this.hold(Hold.application);
  }

  /** May be called by an application in the middle of a chunk: the parser is none of its business. */
  resume(): void {
    this.holds &= ~Hold.application;
    if (this.holds === 0) this.socket.resume();
  }

  private hold(reason: Hold): void {
    this.holds |= reason;
    if (reason !== Hold.application) this.reader.protocol.suspend();
    this.socket.pause();
  }

  private release(reason: Exclude<Hold, typeof Hold.application>): void {
    this.holds &= ~reason;
    if (this.reader.protocol.state === 'closed') return;
    if (!this.isParserHeld) this.goOn();
    if (this.holds === 0) this.socket.resume();
  }

  private get isParserHeld(): boolean {
    return (this.holds & ~Hold.application) !== 0;
  }

  /** An application that has paused still gets what was read before. */
  private goOn(): void {
    this.reader.protocol.resume();
    const { unread } = this;
    this.unread = undefined;
    if (unread) this.reader.read(unread);
    if (!this.isParserHeld) for (const step of this.steps?.splice(0) ?? []) step();
  }

  /**
   * Does something behind all that was read: a stream may tell of its end, and even close, while its last
   * chunk is held up here.
   */
  inOrder(step: () => void): void {
    if (this.isParserHeld && !this.reader.protocol.isStopped) (this.steps ??= []).push(step);
    else step();
  }

  /** @throws WebSocketError for what can't be decoded, where that is known at once */
  decode(stage: MessageStage, payload: Buffer, isBinary: boolean, rsv: number): void {
    this.reader.protocol.charge(FRAMES_PER_DECODING + Math.floor(payload.length / ENCODED_BYTES_PER_FRAME));
    const decoded = stage.decode(payload, rsv);
    if (decoded instanceof Promise) this.holdUntil(decoded, isBinary);
    else this.check(decoded, isBinary);
  }

  /** RFC 7692 §6.2 leaves text to be checked after inflating. @throws WebSocketError 1007 */
  private check(payload: Buffer, isBinary: boolean): void {
    this.reader.protocol.charge(Math.floor(payload.length / DECODED_BYTES_PER_FRAME));
    if (!isBinary && !isUtf8(payload)) throw invalidUtf8('text message');
    this.owner.onMessage(payload, isBinary);
  }

  private holdUntil(decoded: Promise<Buffer>, isBinary: boolean): void {
    this.hold(Hold.decoding);
    decoded.then(
      // Outside of the promise, so that what a listener throws is not taken for a rejection
      (payload) => process.nextTick(() => this.decoded(() => this.check(payload, isBinary))),
      (error: unknown) => process.nextTick(() => this.decoded(() => this.reader.protocol.failOrThrow(error))),
    );
  }

  private decoded(settle: () => void): void {
    const { protocol } = this.reader;
    if (protocol.state === 'closed') return;
    try {
      settle();
    } catch (error) {
      protocol.failOrThrow(error);
    } finally {
      this.release(Hold.decoding);
    }
  }
}

function beginTurn(inbound: Inbound): void {
  inbound.beginTurn();
}
