import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { json } from '../../lib/protocol/codec/index.js';
import type { Codec, ExceptionData } from '../../lib/protocol/index.js';
import {
  type CloseDetails,
  type Deadlines,
  type Limits,
  type Membership,
  type MessageHandler,
  type Overflow,
  Session,
  type SessionHost,
  type SessionOrigin,
  resolveLimits,
} from '../../lib/session/index.js';
import { MemoryTransport } from './memory-transport.js';

export const NO_CHANNELS: Membership = {
  join: () => Promise.resolve({}),
  leave: () => undefined,
  position: () => Promise.resolve(undefined),
};

export type Run = (data: unknown, session: Session, signal: AbortSignal | undefined) => unknown;

/** Explains every error by its message, as a test wants to see it. */
class TestHandler implements MessageHandler {
  constructor(
    private readonly body: Run,
    readonly overflow: Overflow = 'buffer',
    readonly usesSignal = false,
  ) {}

  run(session: unknown, data: unknown, _event: string, signal: AbortSignal | undefined): unknown {
    return this.body(data, session as Session, signal);
  }

  explain(error: unknown): ExceptionData | Promise<ExceptionData> {
    const code = (error as { code?: string }).code ?? 'FAILED';
    return { status: 'error', statusCode: 500, code, message: (error as Error).message };
  }
}

export class TestHost implements SessionHost {
  readonly handlers = new Map<string, MessageHandler>();
  readonly endings: CloseDetails[] = [];
  readonly reports: unknown[] = [];
  concurrency = 1;
  limits = resolveLimits();
  membership = NO_CHANNELS;
  codec: Codec = json;
  checkPush: SessionHost['checkPush'];
  /** Milliseconds; a test moves it. */
  time = 0;
  readonly now = (): number => this.time;
  deadlines: Deadlines | undefined;

  on(event: string, run: Run, overflow?: Overflow): this {
    this.handlers.set(event, new TestHandler(run, overflow));
    return this;
  }

  onWithSignal(event: string, run: Run): this {
    this.handlers.set(event, new TestHandler(run, 'buffer', true));
    return this;
  }

  findHandler(event: string): MessageHandler | undefined {
    return this.handlers.get(event);
  }

  ended(_session: unknown, details: CloseDetails): void {
    this.endings.push(details);
  }

  report(error: unknown): void {
    this.reports.push(error);
  }
}

const REQUEST = new IncomingMessage(new Socket());

export const ORIGIN: SessionOrigin = {
  request: REQUEST,
  transport: 'websocket',
  url: '/chat/blue?a=1&a=2&b=x',
  params: { room: 'blue' },
  remoteAddress: '192.0.2.1',
};

export function makeSession(host: TestHost, limits: Partial<Limits> = {}, membership?: Membership): Session {
  host.limits = resolveLimits(limits);
  if (membership) host.membership = membership;
  return new Session(ORIGIN, host);
}

/** A session whose client was accepted, and its transport. */
export function openSession(
  host: TestHost,
  limits: Partial<Limits> = {},
  membership?: Membership,
): { session: Session; client: MemoryTransport } {
  const session = makeSession(host, limits, membership);
  return { session, client: attach(session) };
}

/** Accepts the client of a session. */
export function attach(session: Session): MemoryTransport {
  const client = new MemoryTransport();
  session.attach(client);
  return client;
}

/** Lets everything that is due now happen: promises, ticks and one turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
