/**
 * A protocol on a socket: bytes of the socket go in, frames go through the outbox to the socket, limits on
 * time and on unsent bytes are kept. What the application sees of it is `WebSocket`.
 *
 * The listeners on the socket are shared functions that find their connection by a symbol: no closure a
 * connection.
 */
import type { Socket } from 'node:net';
import {
  CloseCode,
  type ConnectionEnd,
  Opcode,
  type ProtocolEvents,
  type ProtocolOutput,
  type Role,
  WebSocketError,
  WebSocketProtocol,
} from '../../protocol/websocket/index.js';
import { makeFrame, sendFrame, sendText } from './frame-sender.js';
import type { ConnectionOptions } from './options.js';
import { Outbox } from './outbox.js';

/** Whom a connection tells. */
export interface ConnectionOwner {
  onMessage(payload: Buffer, isBinary: boolean): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** All that had been queued went out after the socket had been full. */
  onDrain(): void;
  /** The peer broke a rule or a limit. */
  onFailed(error: WebSocketError): void;
  /** The socket is gone; comes once, last. */
  onClosed(end: ConnectionEnd): void;
}

/** A peer that doesn't read won't read our close frame either: it gets this long, not the close wait. */
const OVERFLOW_CLOSE_WAIT_MS = 1_000;

const kConnection = Symbol('connection');

type ConnectionSocket = Socket & { [kConnection]: Connection };

export class Connection implements ProtocolEvents, ProtocolOutput {
  readonly protocol: WebSocketProtocol;
  private readonly outbox: Outbox;
  private closeTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly role: Role,
    private readonly options: ConnectionOptions,
    private readonly owner: ConnectionOwner,
  ) {
    this.protocol = new WebSocketProtocol(role, options, this, this);
    this.outbox = new Outbox(socket, () => owner.onDrain());
    takeOver(socket, this);
  }

  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  /** @param callback called when the kernel has the message, or with the error that prevented it */
  send(data: string | Buffer, binary: boolean, callback?: (error?: Error) => void): void {
    if (this.outbox.queuedBytes > this.options.maxOutboundBytes) this.overflow();
    if (this.protocol.state !== 'open') {
      if (callback) process.nextTick(callback, new Error(`the connection is ${this.protocol.state}`));
      return;
    }
    const opcode = binary ? Opcode.binary : Opcode.text;
    if (typeof data === 'string') sendText(this.outbox, this.role, opcode, data);
    else sendFrame(this.outbox, this.role, opcode, data);
    if (callback) this.outbox.whenSent(callback);
    this.outbox.flushIfLarge();
  }

  /** Sends a frame made by `makeFrame`, which other connections may share. */
  sendPrepared(frame: Buffer): void {
    if (this.outbox.queuedBytes > this.options.maxOutboundBytes) this.overflow();
    if (this.protocol.state !== 'open') return;
    this.outbox.push(frame);
    this.outbox.flushIfLarge();
  }

  private overflow(): void {
    // A tick that sends much has not tried the kernel yet
    this.outbox.flush();
    const { queuedBytes } = this.outbox;
    const { maxOutboundBytes } = this.options;
    if (queuedBytes <= maxOutboundBytes) return;
    this.failSlowPeer(
      'WS_ERR_OUTBOUND_LIMIT',
      `${queuedBytes} unsent bytes exceed the limit of ${maxOutboundBytes}`,
    );
  }

  private failSlowPeer(
    code: 'WS_ERR_OUTBOUND_LIMIT' | 'WS_ERR_TOO_MANY_PENDING_PONGS',
    message: string,
  ): void {
    this.protocol.fail(new WebSocketError(code, CloseCode.policyViolation, message));
    this.terminateIn(OVERFLOW_CLOSE_WAIT_MS);
  }

  /** What is answered while a chunk is read leaves when it has been read, without waiting for the tick's end. */
  receive(chunk: Buffer): void {
    this.outbox.beginBatch();
    try {
      this.protocol.receive(chunk);
    } finally {
      this.outbox.endBatch();
    }
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Drops the connection without a closing handshake. */
  terminate(): void {
    this.socket.destroy();
  }

  private terminateIn(ms: number): void {
    clearTimeout(this.closeTimer);
    this.closeTimer = setTimeout(() => this.socket.destroy(), ms);
  }

  /** @internal */
  onMessage(payload: Buffer, isBinary: boolean): void {
    this.owner.onMessage(payload, isBinary);
  }

  /** @internal */
  onPing(payload: Buffer): void {
    this.owner.onPing(payload);
  }

  /** @internal */
  onPong(payload: Buffer): void {
    this.owner.onPong(payload);
  }

  /** @internal */
  onClosing(): void {
    this.terminateIn(this.options.closeTimeoutMs);
  }

  /** @internal */
  onFailed(error: WebSocketError): void {
    this.owner.onFailed(error);
  }

  /** @internal RFC 6455 §5.5.3 lets us leave pongs out; a peer that takes none of them is cut off. */
  sendControl(opcode: number, payload: Buffer): void {
    this.outbox.pushControl(makeFrame(this.role, opcode, payload));
    if (opcode !== Opcode.pong || ++this.outbox.unsentPongs <= this.options.maxPendingAutoPongs) return;
    this.outbox.flush();
    const { unsentPongs } = this.outbox;
    if (unsentPongs <= this.options.maxPendingAutoPongs) return;
    const limit = this.options.maxPendingAutoPongs;
    this.failSlowPeer(
      'WS_ERR_TOO_MANY_PENDING_PONGS',
      `${unsentPongs} unsent pongs exceed the limit of ${limit}`,
    );
  }

  /** @internal */
  sendClose(payload: Buffer, dropQueued: boolean): void {
    if (dropQueued) this.outbox.dropBlocked();
    this.outbox.push(makeFrame(this.role, Opcode.close, payload));
  }

  /** @internal From here on reading only serves to see the peer's end of stream. */
  endOutput(): void {
    this.outbox.end();
    this.socket.resume();
  }

  /** @internal */
  socketClosed(): void {
    clearTimeout(this.closeTimer);
    this.outbox.destroy();
    this.owner.onClosed(this.protocol.closed());
  }
}

function takeOver(socket: Socket, connection: Connection): void {
  (socket as ConnectionSocket)[kConnection] = connection;
  socket.setTimeout(0);
  socket.setNoDelay();
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
}

function onData(this: Socket, chunk: Buffer): void {
  (this as ConnectionSocket)[kConnection].receive(chunk);
}

function onEnd(this: Socket): void {
  (this as ConnectionSocket)[kConnection].protocol.receiveEnd();
}

/** A reset or a broken pipe: `close` follows, and tells it as 1006. Without a listener it would be thrown. */
function onError(): void {}

function onClose(this: Socket): void {
  (this as ConnectionSocket)[kConnection].socketClosed();
}
