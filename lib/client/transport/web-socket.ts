import type { Encoded } from '../../protocol/codec/index.js';
import { toBase64 } from '../base64.js';
import type { ClientCodec } from '../codec/client-codec.js';
import { retryAfterMs, retryHintMs } from '../close-policy.js';
import {
  type ClientTransport,
  type ClientTransportEvents,
  type Ending,
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

/** What the WebSocket of `nestwire/websocket` tells of a refused handshake; pages are not told. */
interface HandshakeError {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

const OPEN = 1;

/** Of a connection that is let go of. Without a code it would end the session, which is to be resumed. */
const GIVEN_UP = 4408;

/** Codes that `close` may be called with, says the WHATWG. */
const isCloseCode = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

/**
 * @param WebSocket what connections are made with
 * @param isOnly whether no other transport could ask why it is refused
 */
export function webSocketTransport(WebSocket: WebSocketClass, isOnly = false): OpenTransport {
  return (ticket, events) =>
    new WebSocketTransport(new WebSocket(addressFor(ticket), tokensOf(ticket)), ticket.codec, isOnly, events);
}

class WebSocketTransport implements ClientTransport {
  readonly kind = 'websocket';
  private refusal: Partial<Ending> | undefined;

  constructor(
    private readonly socket: WebSocketLike,
    private readonly codec: ClientCodec,
    isOnly: boolean,
    private readonly events: ClientTransportEvents,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => this.receive(data);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      events.closed({ code, reason, retryMs: retryHintMs(reason), ...this.refusal });
    };
    // `close` follows
    socket.onerror = ({ error }: { error?: HandshakeError }) => (this.refusal = readRefusal(isOnly, error));
  }

  /**
   * What cannot be read, or is not what it says it is, is no message of a gateway's: something between has its
   * hands in. Thrown out of here it would end a process of Node's.
   */
  private receive(data: string | ArrayBuffer): void {
    try {
      this.events.message(this.codec.decode(typeof data === 'string' ? data : new Uint8Array(data)));
    } catch (error) {
      this.abandon();
      this.events.closed(brokenOff(String(error)));
    }
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

/**
 * A server that is asked too much says when to come back, and another transport would not change that. Other
 * statuses may be those of something between that does not like upgrades: a POST will tell, where there are any.
 */
function readRefusal(isOnly: boolean, { status, headers }: HandshakeError = {}): Partial<Ending> | undefined {
  const retryMs = retryAfterMs(headers?.['retry-after']);
  const isUnwanted = isOnly && (status === 401 || status === 403);
  return retryMs > 0 || isUnwanted ? { status, retryMs } : undefined;
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
