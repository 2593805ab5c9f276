/**
 * One side of a WebSocket connection after the opening handshake, without I/O: bytes come in through
 * `receive`, frames go out through `ProtocolOutput`, and what happened is told to `ProtocolEvents`.
 *
 * States (RFC 6455 §7.1). `open`: both directions carry messages. `closing`: a close frame was sent, or
 * the connection has failed or lost its other half; nothing but control frames may be sent. `closed`:
 * the socket is gone. There is no way back. Who closes the socket: the server, as soon as both close
 * frames are through (§7.1.1); either side at once when it fails the connection (§7.1.7).
 */
import { CloseCode } from './close-code.js';
import { type CloseStatus, fitReason, readClosePayload, writeClosePayload } from './close-frame.js';
import { type FrameLimits, FrameReader } from './frame-reader.js';
import type { Role } from './frame-rules.js';
import { Opcode } from './opcode.js';
import { WebSocketError } from './websocket-error.js';

export type ConnectionState = 'open' | 'closing' | 'closed';

export interface ProtocolEvents {
  /** A whole message. `rsv` other than 0: still as an extension has transformed it. */
  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** The first step towards the end: by our close, the peer's close, a failure, or an ended stream. */
  onClosing(): void;
  /** The peer broke a rule or a limit; the close frame that says so is on its way. */
  onFailed(error: WebSocketError): void;
}

export interface ProtocolOutput {
  /** Sends a ping or pong: ahead of queued messages, never inside one. */
  sendControl(opcode: number, payload: Buffer): void;
  /** Sends a close frame behind the messages already queued, or instead of them. */
  sendClose(payload: Buffer, dropQueued: boolean): void;
  /** Nothing will be sent any more: half-close the socket behind what was given. */
  endOutput(): void;
}

/** How a connection ended, RFC 6455 §7.1.4 to §7.1.6. */
export interface ConnectionEnd extends CloseStatus {
  /** Whether both close frames were exchanged. */
  readonly clean: boolean;
}

const NEVER_CLOSED: CloseStatus = { code: CloseCode.abnormal, reason: '' };

export class WebSocketProtocol {
  state: ConnectionState = 'open';
  private readonly reader: FrameReader;
  private closeSent = false;
  private closeReceived: CloseStatus | undefined;

  /**
   * @param claimedRsv the reserved bits that negotiated extensions use
   * @param framesPerTurn after how many frames `receive` leaves the rest of a chunk, until `beginTurn`
   */
  constructor(
    private readonly role: Role,
    limits: FrameLimits,
    private readonly events: ProtocolEvents,
    private readonly output: ProtocolOutput,
    claimedRsv = 0,
    framesPerTurn = Infinity,
  ) {
    this.reader = new FrameReader(role, limits, this, claimedRsv, framesPerTurn);
  }

  /** Whether the peer's close frame is here: all that it will ever send. */
  get hasReceivedClose(): boolean {
    return this.closeReceived !== undefined;
  }

  /**
   * Takes bytes from the peer. A violation fails the connection; it is not thrown. What a listener
   * throws goes to the caller, after the connection was failed with 1011: its place in the stream is lost.
   * @returns how many bytes were taken; fewer than given only when an event called `suspend`, or when the
   * frames of this turn are used up
   */
  receive(chunk: Buffer): number {
    try {
      return this.reader.receive(chunk);
    } catch (error) {
      this.failOrThrow(error);
      return chunk.length;
    }
  }

  /** For what came out of reading: a violation fails the connection; anything else is a listener's. */
  failOrThrow(error: unknown): void {
    if (error instanceof WebSocketError) return this.fail(error);
    this.end(CloseCode.internalError, '');
    throw error;
  }

  /** Nothing is read from here on, until `resume`: a message takes time to decode. */
  suspend(): void {
    this.reader.suspend();
  }

  resume(): void {
    this.reader.resume();
  }

  /** Whether what the peer sends is dropped: after its close frame, a failure, or the end of its stream. */
  get isStopped(): boolean {
    return this.reader.isStopped;
  }

  /** Others had their turn: frames are counted anew. */
  beginTurn(): void {
    this.reader.beginTurn();
  }

  /** Counts work that a message caused, as so many frames of this turn. */
  charge(frames: number): void {
    this.reader.charge(frames);
  }

  /** Whether the frames of this turn are used up. */
  get isExhausted(): boolean {
    return this.reader.isExhausted;
  }

  /** The peer has ended its half of the stream. */
  receiveEnd(): void {
    this.reader.stop();
    this.beginClosing();
    this.output.endOutput();
  }

  /**
   * Starts the closing handshake, RFC 6455 §7.1.2. Does nothing unless open.
   * @throws RangeError for a code that must not be sent or a reason of more than 123 bytes
   */
  close(code?: number, reason = ''): void {
    if (this.state !== 'open') return;
    this.sendClose(writeClosePayload(code, reason), false);
  }

  /** Fails the connection, RFC 6455 §7.1.7: close frame, end of stream, and nothing more is read. */
  fail(error: WebSocketError): void {
    if (this.closeReceived !== undefined || this.state === 'closed') return;
    this.end(error.closeCode, error.message);
    this.events.onFailed(error);
  }

  /** The connection is dropped without a closing handshake: what was read with the last message is not told. */
  abandon(): void {
    this.reader.stop();
    this.beginClosing();
  }

  /** The socket is gone. RFC 6455 §7.1.5: without the peer's close frame the code is 1006. */
  closed(): ConnectionEnd {
    this.state = 'closed';
    this.reader.stop();
    const { code, reason } = this.closeReceived ?? NEVER_CLOSED;
    return { code, reason, clean: this.closeSent && this.closeReceived !== undefined };
  }

  /** @internal */
  onMessage(payload: Buffer, isBinary: boolean, rsv: number): void {
    this.events.onMessage(payload, isBinary, rsv);
  }

  /** @internal RFC 6455 §5.5.2: a pong with the same payload, as soon as is practical. */
  onPing(payload: Buffer): void {
    this.output.sendControl(Opcode.pong, payload);
    this.events.onPing(payload);
  }

  /** @internal */
  onPong(payload: Buffer): void {
    this.events.onPong(payload);
  }

  /** @internal RFC 6455 §5.5.1: answered by a close frame with the same payload, unless ours was first. */
  onClose(payload: Buffer): void {
    this.closeReceived = readClosePayload(payload);
    this.reader.stop();
    if (!this.closeSent) this.sendClose(payload, false);
    // RFC 6455 §7.1.1: the server closes first, since TIME_WAIT costs it less than it costs a client
    if (this.role === 'server') this.output.endOutput();
  }

  private end(code: number, reason: string): void {
    this.reader.stop();
    if (!this.closeSent) this.sendClose(writeClosePayload(code, fitReason(reason)), true);
    this.output.endOutput();
  }

  private sendClose(payload: Buffer, dropQueued: boolean): void {
    this.closeSent = true;
    this.output.sendClose(payload, dropQueued);
    this.beginClosing();
  }

  private beginClosing(): void {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.events.onClosing();
  }
}
