import type { AnyProtocol, ClientEvent, ServerEvent } from 'nestwire/protocol';
import { BehaviorSubject, filter, map, type Observable, Subject } from 'rxjs';
import { backOffMs } from './back-off.js';
import { type Envelope, type Payload, type Pushed, type Reply } from './envelope.js';

/** A browser that gets no answer for this long is not connected, whatever its socket says. */
const ANSWER_MS = 10_000;

/** Silence after which the page asks whether the server is still there. */
const SILENCE_MS = 25_000;

/** Close codes after which coming back would only repeat the failure (the table in docs/protocol.md). */
const STAY_AWAY = new Set([1000, 1002, 1003, 1007, 1009, 1010, 4400, 4403, 4409]);

export type Status =
  | { state: 'connecting' }
  | { state: 'open' }
  /** Not connected; the next attempt is at `retryAt` (milliseconds since 1970). */
  | { state: 'waiting'; retryAt: number }
  /** The server asked not to come back; `retry` does it all the same. */
  | { state: 'stopped'; code: number; reason: string };

/** The server's answer to a request was an exception. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The connection ended before the answer came: whether the server acted on the request is unknown. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

interface Waiting {
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
  timer: number;
}

/**
 * Requests and pushes over one native WebSocket that is opened again whenever it is lost: after a back-off with
 * full jitter, or at once when the browser comes on line or the page into view.
 */
export class Connection<P extends AnyProtocol> {
  readonly status$ = new BehaviorSubject<Status>({ state: 'connecting' });
  private readonly pushes$ = new Subject<Envelope>();
  private readonly waiting = new Map<number, Waiting>();
  private socket: WebSocket | undefined;
  private timer = 0;
  private attempts = 0;
  private requests = 0;

  constructor(
    private readonly url: URL,
    private readonly subprotocol: string,
  ) {
    window.addEventListener('online', () => this.hurry());
    window.addEventListener('offline', () => this.drop());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry();
    });
    this.open();
  }

  /** What the server pushes or publishes under this event. */
  on<E extends ServerEvent<P>>(event: E): Observable<Pushed<P, E>> {
    return this.pushes$.pipe(
      filter((push) => push.event === event),
      map((push) => push.data as Pushed<P, E>),
    );
  }

  /** @throws Refused with the server's reason; Unanswered when the connection was lost meanwhile. */
  request<E extends ClientEvent<P>>(event: E, data: Payload<P, E>): Promise<Reply<P, E>> {
    return this.ask(event, data) as Promise<Reply<P, E>>;
  }

  /** Asks for no answer; what cannot go now is dropped. */
  send<E extends ClientEvent<P>>(event: E, data: Payload<P, E>): void {
    this.write({ event, data });
  }

  /** Connects now instead of later, or in spite of the server's wish. */
  retry(): void {
    if (!this.socket) this.open();
  }

  private ask(event: string, data?: unknown): Promise<unknown> {
    const id = ++this.requests;
    if (!this.write({ event, data, id })) return Promise.reject(new Unanswered('not connected'));
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => this.drop(), ANSWER_MS);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  private write(envelope: Envelope): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(envelope));
    return true;
  }

  private hurry(): void {
    if (this.status$.value.state === 'waiting') this.open();
  }

  private open(): void {
    this.status$.next({ state: 'connecting' });
    const socket = new WebSocket(this.url, this.subprotocol);
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }: MessageEvent<string>) => this.receive(JSON.parse(data) as Envelope);
    socket.onclose = ({ code, reason }) => this.lost(code, reason);
    this.socket = socket;
    this.arm(ANSWER_MS, () => this.drop());
  }

  private opened(): void {
    this.watch();
    this.status$.next({ state: 'open' });
  }

  private receive(envelope: Envelope): void {
    this.attempts = 0;
    this.watch();
    const request = this.waiting.get(envelope.id ?? 0);
    if (request) this.settle(request, envelope);
    else this.pushes$.next(envelope);
  }

  private settle(request: Waiting, { id, event, data }: Envelope): void {
    this.waiting.delete(id ?? 0);
    window.clearTimeout(request.timer);
    if (event === 'exception') request.reject(new Refused((data as { message: string }).message));
    else request.resolve(data);
  }

  private watch(): void {
    this.arm(SILENCE_MS, () => void this.ask('ping').catch(() => undefined));
  }

  /** Gives the socket up without waiting for a closing handshake that a dead network cannot carry. */
  private drop(): void {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.lost(1006, '');
  }

  private lost(code: number, reason: string): void {
    this.socket = undefined;
    for (const { reject, timer } of this.waiting.values()) {
      window.clearTimeout(timer);
      reject(new Unanswered('connection lost'));
    }
    this.waiting.clear();
    window.clearTimeout(this.timer);
    if (STAY_AWAY.has(code)) this.status$.next({ state: 'stopped', code, reason });
    else this.wait(Number(/^retry=(\d+)$/.exec(reason)?.[1] ?? 0));
  }

  private wait(hintMs: number): void {
    const delayMs = hintMs + backOffMs(this.attempts++);
    this.arm(delayMs, () => this.open());
    this.status$.next({ state: 'waiting', retryAt: Date.now() + delayMs });
  }

  /** One timer: the connection waits for one thing at a time. */
  private arm(delayMs: number, then: () => void): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(then, delayMs);
  }
}
