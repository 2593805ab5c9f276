import type { Encoded } from '../../../lib/protocol/codec/index.js';
import type { ServerMessage } from '../../../lib/client/open-requests.js';
import type {
  ClientTransport,
  ClientTransportEvents,
  Ending,
  OpenTransport,
  Ticket,
  TransportKind,
} from '../../../lib/client/transport/transport.js';

/** A transport whose other end is the test. */
export class FakeTransport implements ClientTransport {
  readonly sent: { event: string; id?: number; data?: unknown }[] = [];
  isAbandoned = false;
  closedWith: unknown[] | undefined;

  constructor(
    readonly kind: TransportKind = 'websocket',
    readonly ticket?: Ticket,
    readonly events?: ClientTransportEvents,
  ) {}

  send(message: Encoded): void {
    this.sent.push(JSON.parse(message as string) as FakeTransport['sent'][number]);
  }

  /** What was sent since the last time. */
  take(): FakeTransport['sent'] {
    return this.sent.splice(0);
  }

  close(...args: unknown[]): void {
    this.closedWith = args;
  }

  abandon(): void {
    this.isAbandoned = true;
  }

  /** As a server would. */
  begin(data: object = {}): void {
    this.events!.message(sessionMessage(data));
  }

  end(ending: Partial<Ending> = {}): void {
    this.events!.closed({ code: 1006, reason: '', retryMs: 0, ...ending });
  }
}

export function sessionMessage(data: object = {}): ServerMessage {
  const all = { id: 's', secret: 'x', resumed: false, received: 0, heartbeatMs: 0, windowMs: 1, ...data };
  return { event: 'nestwire:session', data: all };
}

/** @param opened gathers what is opened */
export function fakeOpener(opened: FakeTransport[], kind: TransportKind): OpenTransport {
  return (ticket, events) => {
    const transport = new FakeTransport(kind, ticket, events);
    opened.push(transport);
    return transport;
  };
}
