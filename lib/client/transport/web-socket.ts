import { retryHintMs } from '../close-policy.js';
import type { ServerMessage } from '../open-requests.js';
import type { ClientTransport, ClientTransportEvents, OpenTransport, Ticket } from './transport.js';

/** As much of the WHATWG `WebSocket` as is used; browsers, Node 22 and `nestwire/websocket` have it. */
export interface WebSocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

const OPEN = 1;

/** Codes that `close` may be called with, says the WHATWG. */
const isCloseCode = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

/** @param WebSocket what connections are made with */
export function webSocketTransport(WebSocket: WebSocketClass): OpenTransport {
  return (ticket, events) =>
    new WebSocketTransport(new WebSocket(addressFor(ticket), tokensOf(ticket)), events);
}

class WebSocketTransport implements ClientTransport {
  readonly kind = 'websocket';

  constructor(
    private readonly socket: WebSocketLike,
    events: ClientTransportEvents,
  ) {
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data === 'string') events.message(JSON.parse(data) as ServerMessage);
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      events.closed({ code, reason, retryMs: retryHintMs(reason) });
    };
    // `close` follows, and says as much
    socket.onerror = () => undefined;
  }

  send(text: string): void {
    if (this.socket.readyState === OPEN) this.socket.send(text);
  }

  close(code: number, reason: string): void {
    if (isCloseCode(code)) this.socket.close(code, reason);
    else this.socket.close();
  }

  abandon(): void {
    const { socket } = this;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
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
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
