/**
 * Consumes an `@SseEndpoint`, as `EventSource` does, but over `fetch`: with headers, a body and a token, with
 * growing pauses, and with a word when something was missed.
 */
import { EventStreamParser, type ReceivedEvent } from '../protocol/event-stream/index.js';
import { BackOff, type BackOffOptions } from './back-off.js';
import { boundedHint, retryAfterMs } from './close-policy.js';
import { later } from './later.js';
import { chunksOf } from './transport/chunks.js';
import { watchWakeUps } from './wake-ups.js';

export interface EventStreamOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A bearer token, asked for anew at each attempt. */
  readonly token?: () => string | Promise<string>;
  /** Whether cookies go along to another origin. Default false. */
  readonly withCredentials?: boolean;
  /** Where to begin: a cursor that an earlier stream left behind, or `start`. Default live from now. */
  readonly cursor?: string;
  readonly backOff?: BackOffOptions;
  /** Without any byte for so long the connection counts as lost. Default 35,000 ms; 0 for never. */
  readonly silenceMs?: number;
  /** What requests are made with. Default the one of the platform. */
  readonly fetch?: typeof fetch;
}

type Listener<E extends Event> = ((event: E) => unknown) | null;

type AnyListener = Parameters<EventTarget['addEventListener']>[1];
type ListenerOptions = Parameters<EventTarget['addEventListener']>[2];

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/**
 * Dispatches, as the WHATWG `EventSource`: `open`, `error` (with `readyState` 0 when it will come back, 2 when
 * it will not), and a `MessageEvent` under the name of each event, whose `lastEventId` is the cursor. Before
 * the first event after a hole it dispatches `nestwire:gap`.
 */
export class EventStream extends EventTarget {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSED = CLOSED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSED = CLOSED;
  /** The address, in full. */
  readonly url: string;
  onopen: Listener<Event> = null;
  onmessage: Listener<MessageEvent> = null;
  onerror: Listener<Event> = null;
  private state: 0 | 1 | 2 = CONNECTING;
  private lastId: string;
  private readonly backOff: BackOff;
  private retryMs = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private request: AbortController | undefined;
  private readonly stopWatching = watchWakeUps({ wake: () => this.wake(), online: () => this.wake() });

  constructor(
    url: string | URL,
    private readonly options: EventStreamOptions = {},
  ) {
    super();
    this.url = new URL(url, locationOf()).href;
    this.lastId = options.cursor ?? '';
    this.backOff = new BackOff(options.backOff ?? {});
    this.addEventListener('open', (event) => this.onopen?.(event));
    this.addEventListener('message', (event: MessageEvent) => this.onmessage?.(event));
    this.addEventListener('error', (event) => this.onerror?.(event));
    void this.connect();
  }

  /** Whether cookies go along to another origin. */
  get withCredentials(): boolean {
    return this.options.withCredentials ?? false;
  }

  get readyState(): 0 | 1 | 2 {
    return this.state;
  }

  /** Where the stream is: give it to the next one to go on from here. Empty before there is one. */
  get cursor(): string {
    return this.lastId;
  }

  override addEventListener(
    type: 'open' | 'error',
    listener: (event: Event) => unknown,
    options?: ListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: (event: MessageEvent) => unknown,
    options?: ListenerOptions,
  ): void;
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void;
  override addEventListener(type: string, listener: unknown, options?: ListenerOptions): void {
    super.addEventListener(type, listener as AnyListener, options);
  }

  /** No event comes any more. */
  close(): void {
    this.state = CLOSED;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.stopWatching();
    this.request?.abort();
  }

  private async connect(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    this.timer = undefined;
    this.watch(request);
    try {
      const response = await this.ask(request.signal);
      if (this.request === request) await this.read(response, request);
    } catch {
      // lost, or never had: the same to us
    }
    if (this.request === request && this.state !== CLOSED) this.comeBack();
  }

  private async ask(signal: AbortSignal): Promise<Response> {
    const { fetch = globalThis.fetch.bind(globalThis), method = 'GET', body, headers, token } = this.options;
    const bearer = token && { Authorization: `Bearer ${await token()}` };
    const cursor = this.lastId !== '' && { 'Last-Event-ID': this.lastId };
    return fetch(this.url, {
      method,
      headers: { Accept: 'text/event-stream', ...headers, ...bearer, ...cursor },
      credentials: this.withCredentials ? 'include' : 'same-origin',
      signal,
      ...(body !== undefined && { body }),
    });
  }

  private async read(response: Response, request: AbortController): Promise<void> {
    if (isFinal(response.status)) return this.fail();
    if (response.status !== 200 || !isEventStream(response)) {
      this.retryMs = retryAfterMs(response.headers.get('Retry-After'));
      await response.body?.cancel();
      return;
    }
    this.opened();
    const parser = this.parser();
    for await (const chunk of chunksOf(response, request.signal)) {
      this.watch(request);
      parser.push(chunk);
      if (this.request !== request) return;
    }
  }

  private opened(): void {
    this.state = OPEN;
    this.backOff.opened();
    this.retryMs = 0;
    this.dispatchEvent(new Event('open'));
  }

  private parser(): EventStreamParser {
    return new EventStreamParser({
      onId: (id) => (this.lastId = id),
      onRetry: (ms) => (this.retryMs = boundedHint(ms)),
      onEvent: (event) => this.receive(event),
    });
  }

  private receive({ event, data, id }: ReceivedEvent): void {
    if (this.state !== OPEN) return;
    const { origin } = new URL(this.url);
    this.dispatchEvent(new MessageEvent(event, { data, lastEventId: id, origin }));
  }

  private watch(request: AbortController): void {
    const { silenceMs = 35_000 } = this.options;
    clearTimeout(this.silence);
    if (silenceMs > 0) this.silence = later(() => request.abort(), silenceMs);
  }

  /** The server does not want us back, or has nothing more. */
  private fail(): void {
    this.close();
    this.dispatchEvent(new Event('error'));
  }

  private comeBack(): void {
    this.state = CONNECTING;
    clearTimeout(this.silence);
    this.request?.abort();
    this.timer = later(() => void this.connect(), this.retryMs + this.backOff.lost());
    this.dispatchEvent(new Event('error'));
  }

  private wake(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    void this.connect();
  }
}

/** 204 is how a server says that there is nothing more; most of 4xx will not change by asking again. */
function isFinal(status: number): boolean {
  return status === 204 || (status >= 400 && status < 500 && status !== 408 && status !== 429);
}

function isEventStream({ headers }: Response): boolean {
  return /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '');
}

function locationOf(): string | undefined {
  return (globalThis as { location?: { href: string } }).location?.href;
}
