/** A session's messages over a WebSocket: the `websocket` implementation of the session's transport port. */
import type { Duplex } from 'node:stream';
import {
  type ConnectionEnd,
  Opcode,
  type OpeningHandshake,
  type WebSocketError,
} from '../../protocol/websocket/index.js';
import type { PreparedMessage, SessionTransport, TransportEvents } from '../../session/index.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { makeFrame } from './frame-sender.js';
import { connectionOptions } from './options.js';
import { type AcceptOptions, switchProtocols } from './upgrade.js';

/**
 * Writes the 101 and binds the connection to a session. The first message comes in a later tick.
 * @throws TypeError for a header that can't be sent; nothing was written then
 */
export function acceptSession(
  socket: Duplex,
  head: Buffer,
  handshake: OpeningHandshake,
  options: AcceptOptions,
  events: TransportEvents,
): SessionTransport {
  const limits = connectionOptions(options);
  const established = switchProtocols(socket, head, handshake, options);
  return new WebSocketTransport((owner) => new Connection(established, 'server', limits, owner), events);
}

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

  send(message: PreparedMessage): void {
    message.wire ??= frameOf(message.data);
    this.connection.sendPrepared(message.wire as Buffer);
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  close(code: number, reason: string): void {
    this.connection.protocol.close(code, reason);
  }

  terminate(): void {
    this.connection.terminate();
  }

  onMessage(payload: Buffer, isBinary: boolean): void {
    this.events.message(isBinary ? payload : payload.toString());
  }

  onPing(): void {}

  onPong(): void {}

  onDrain(): void {}

  onFailed(error: WebSocketError): void {
    this.failure = error;
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

function frameOf(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return makeFrame('server', Opcode.text, Buffer.from(data));
  return makeFrame('server', Opcode.binary, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}
