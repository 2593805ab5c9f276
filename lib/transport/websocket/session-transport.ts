/** A session's messages over a WebSocket: the `websocket` implementation of the session's transport port. */
import type { Duplex } from 'node:stream';
import { tellLimit } from '../../diagnostics/tell-limit.js';
import {
  type ConnectionEnd,
  type OpeningHandshake,
  type WebSocketError,
  type WebSocketErrorCode,
} from '../../protocol/websocket/index.js';
import {
  type Outgoing,
  SessionCloseCode,
  type SessionTransport,
  type TransportEvents,
} from '../../session/index.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { idleReason } from './idle-watch.js';
import type { ConnectionOptions } from './options.js';
import { PreparedFrames } from './prepared-frames.js';
import { type Answer, switchProtocols } from './upgrade.js';

/**
 * Writes the 101 and binds the connection to a session. The first message comes in a later tick.
 * @param limits kept by reference: one object serves all connections
 * @throws HandshakeError 400 for malformed extensions
 * @throws TypeError for a header that can't be sent; nothing was written then
 */
export function acceptSession(
  socket: Duplex,
  head: Buffer,
  handshake: OpeningHandshake,
  answer: Answer,
  limits: ConnectionOptions,
  events: TransportEvents,
): SessionTransport {
  const { socket: own, extensions } = switchProtocols(socket, head, handshake, answer);
  return new WebSocketTransport((owner) => new Connection(own, 'server', limits, owner, extensions), events);
}

/** Which of `limits` a client went beyond, where the error is about one; the session tells of its own. */
const LIMITS: Partial<Record<WebSocketErrorCode, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'messageBytes',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'fragments',
  WS_ERR_TOO_MANY_PENDING_PONGS: 'unsentPongs',
};

class WebSocketTransport implements SessionTransport, ConnectionOwner {
  readonly kind = 'websocket';
  private readonly connection: Connection;
  private failure: WebSocketError | undefined;

  constructor(
    connect: (owner: ConnectionOwner) => Connection,
    private readonly events: TransportEvents,
  ) {
    this.connection = connect(this);
  }

  get queuedBytes(): number {
    return this.connection.queuedBytes;
  }

  send(message: Outgoing): void {
    if (typeof message === 'string') return this.connection.send(message, false, true);
    if (message instanceof Uint8Array) return this.connection.send(asBytes(message), true, true);
    const frames = (message.wire ??= framesOf(message.data)) as PreparedFrames;
    this.connection.sendPrepared(frames);
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  close(code: number, reason: string): void {
    this.connection.close(code, reason);
  }

  cutOff(code: number, reason: string): void {
    this.connection.cutOff('WS_ERR_OUTBOUND_LIMIT', reason, code);
  }

  terminate(): void {
    this.connection.terminate();
  }

  onMessage(payload: Buffer, isBinary: boolean): void {
    this.events.message(isBinary ? payload : payload.toString());
  }

  onPing(): void {}

  onPong(): void {}

  onDrain(): void {
    this.events.drained();
  }

  onFailed(error: WebSocketError): void {
    this.failure = error;
    const limit = LIMITS[error.code];
    if (limit !== undefined) tellLimit(limit, undefined);
  }

  /** WIRE §8: the client may come again. */
  onIdle(timeoutMs: number): void {
    tellLimit('idleMs', undefined);
    this.connection.close(SessionCloseCode.timedOut, idleReason(timeoutMs));
  }

  /** What failed the connection says more than the 1006 that RFC 6455 §7.1.5 leaves us with. */
  onClosed(end: ConnectionEnd): void {
    const { code, reason } = this.failure ? failureEnd(this.failure) : end;
    this.events.closed(code, reason, end.clean);
  }
}

const failureEnd = (error: WebSocketError): { code: number; reason: string } => ({
  code: error.closeCode,
  reason: error.message,
});

function framesOf(data: string | Uint8Array): PreparedFrames {
  if (typeof data === 'string') return new PreparedFrames(Buffer.from(data), false);
  return new PreparedFrames(asBytes(data), true);
}

function asBytes({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
