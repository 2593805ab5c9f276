import type { Encoded } from '../../protocol/codec/index.js';
import { toBase64 } from '../base64.js';
import type { ClientCodec } from '../codec/client-codec.js';
import { retryHintMs } from '../close-policy.js';
import {
  type ClientTransport,
  type ClientTransportEvents,
  type OpenTransport,
  type Ticket,
  brokenOff,
} from './transport.js';

/** As much of the WHATWG `WebSocket` as is used; browsers, Node 22 and `nestwire/websocket` have it. */
export interface WebSocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  readonly readyState: number;
  binaryType: string;
  send(data: Encoded): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

const OPEN = 1;

/** Of a connection that is let go of. Without a code it would end the session, which is to be resumed. */
const GIVEN_UP = 4408;

/** Codes that `close` may be called with, says the WHATWG. */
const isCloseCode = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

/** @param WebSocket what connections are made with */
export function webSocketTransport(WebSocket: WebSocketClass): OpenTransport {
  return (ticket, events) =>
    new WebSocketTransport(new WebSocket(addressFor(ticket), tokensOf(ticket)), ticket.codec, events);
}

class WebSocketTransport implements ClientTransport {
  readonly kind = 'websocket';

  constructor(
    private readonly socket: WebSocketLike,
    private readonly codec: ClientCodec,
    private readonly events: ClientTransportEvents,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => this.receive(data);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      events.closed({ code, reason, retryMs: retryHintMs(reason) });
    };
    // `close` follows, and says as much
    socket.onerror = () => undefined;
  }

  /** What cannot be read is no message of a gateway's: something between has its hands in. */
  private receive(data: string | ArrayBuffer): void {
    let message;
    try {
      message = this.codec.decode(typeof data === 'string' ? data : new Uint8Array(data));
    } catch (error) {
      this.abandon();
      return this.events.closed(brokenOff(String(error)));
    }
    this.events.message(message);
  }

  send(message: Encoded): void {
    if (this.socket.readyState === OPEN) this.socket.send(message);
  }

  close(code: number, reason: string): void {
    if (isCloseCode(code)) this.socket.close(code, reason);
    else this.socket.close();
  }

  abandon(): void {
    const { socket } = this;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(GIVEN_UP);
  }
}

function addressFor({ url, session }: Ticket): string {
  const address = new URL(url);
  address.protocol = address.protocol.replace(/^http/, 'ws');
  if (session !== undefined) address.searchParams.set('nestwire-session', session);
  return address.href;
}

/** Browsers cannot set headers of an upgrade: a credential travels in the list of subprotocols (WIRE §1). */
function tokensOf({ subprotocols, token }: Ticket): string[] {
  return token === undefined ? [...subprotocols] : [...subprotocols, `bearer.${base64url(token)}`];
}

function base64url(text: string): string {
  const base64 = toBase64(new TextEncoder().encode(text));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
