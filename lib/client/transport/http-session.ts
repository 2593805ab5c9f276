/** The requests of one session over plain HTTP: WIRE §6. */
import { SESSION_EVENT, type SessionData } from '../../protocol/envelope/index.js';
import { fromBase64 } from '../base64.js';
import { retryAfterMs } from '../close-policy.js';
import type { ServerMessage } from '../open-requests.js';
import type { Ticket } from './transport.js';

export type Fetch = typeof fetch;

const SESSION_HEADER = 'Nestwire-Session';
const PROTOCOL_HEADER = 'Nestwire-Protocol';
const JSON_BODY = { 'Content-Type': 'application/nestwire+json' };

/** A POST is answered when the server has room for more, which may take its handlers a while. */
const POST_LIMIT_MS = 30_000;
/** What a poll may take beyond the time that the server waits. */
const POLL_GRACE_MS = 10_000;

/** A message as JSON carries it: bytes in base64. */
export type CarriedMessage = ServerMessage | { readonly base64: string };

interface PollAnswer {
  readonly messages: readonly CarriedMessage[];
  readonly batch: number;
  /** When the connection ends now, how long the server wants us to stay away. */
  readonly retryMs?: number;
}

/** An answer other than the one hoped for. */
export class HttpRefusal extends Error {
  /** @param retryMs how long the server wants us to stay away */
  constructor(
    readonly status: number,
    readonly retryMs: number,
  ) {
    super(`refused with ${status}`);
  }
}

export class HttpSession {
  /** `<id>.<secret>`; undefined until there is one. */
  private token: string | undefined;
  private url: URL;
  private readonly aborting = new AbortController();

  constructor(
    private readonly ticket: Ticket,
    private readonly fetch: Fetch,
  ) {
    this.url = overHttp(ticket.url);
    if (ticket.session !== 'new' && !ticket.isLost) this.token = ticket.session;
  }

  /** Only a POST creates a session. @throws HttpRefusal, and what `fetch` throws */
  async begin(): Promise<void> {
    if (this.token !== undefined) return;
    const { cursors } = this.ticket;
    const headers = { [SESSION_HEADER]: 'new', ...(cursors && JSON_BODY) };
    const response = await this.request('POST', headers, this.signal, {
      ...(cursors && { body: JSON.stringify({ cursors }) }),
    });
    if (response.status !== 201) throw await refusal(response);
    const { messages } = (await response.json()) as { messages: [ServerMessage] };
    this.learn(messages[0]);
    const { nextUrl } = this.ticket;
    if (nextUrl) this.url = overHttp(await nextUrl());
  }

  /** @throws Error for what the codec cannot read */
  read(carried: CarriedMessage): ServerMessage {
    return 'event' in carried ? carried : this.ticket.codec.decode(fromBase64(carried.base64));
  }

  /** The secret changes with every connection. */
  learn({ event, data }: ServerMessage): void {
    if (event !== SESSION_EVENT) return;
    const { id, secret } = data as SessionData;
    this.token = `${id}.${secret}`;
  }

  /** @throws HttpRefusal for anything but 202, and what `fetch` throws, also after POST_LIMIT_MS */
  async post(body: string): Promise<void> {
    const headers = { ...this.own, ...JSON_BODY };
    await this.within(POST_LIMIT_MS, async (signal) => {
      const response = await this.request('POST', headers, signal, { body });
      if (response.status !== 202) throw await refusal(response);
      await response.body?.cancel();
    });
  }

  /** @throws HttpRefusal for anything but 200, and what `fetch` throws */
  async stream(): Promise<Response> {
    const headers = { ...this.own, Accept: 'text/event-stream' };
    const response = await this.request('GET', headers, this.signal);
    if (response.status !== 200) throw await refusal(response);
    return response;
  }

  /**
   * @param waitS how long the server may wait; undefined: not at all
   * @param ack the last batch that came
   * @returns undefined when there is nothing new
   * @throws HttpRefusal for anything but 200 and 204, and what `fetch` throws, also when it takes too long
   */
  poll(waitS: number | undefined, ack: number | undefined): Promise<PollAnswer | undefined> {
    const prefer = waitS !== undefined && { Prefer: `wait=${waitS}` };
    const headers = { ...this.own, Accept: 'application/json', ...prefer };
    return this.within(1_000 * (waitS ?? 0) + POLL_GRACE_MS, async (signal) => {
      const response = await this.request('GET', headers, signal, { ack });
      if (response.status === 204) return undefined;
      if (response.status !== 200) throw await refusal(response);
      return (await response.json()) as PollAnswer;
    });
  }

  /** A connection that is dead says nothing: only time tells. */
  private async within<T>(limitMs: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const request = new AbortController();
    const { signal } = this;
    const abort = (): void => request.abort(signal.reason);
    signal.addEventListener('abort', abort);
    const timer = setTimeout(() => request.abort(new Error(`no answer in ${limitMs} ms`)), limitMs);
    try {
      return await Promise.race([ask(request.signal), rejectionBy(request.signal)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Ends the session. A page that is left still gets it out. */
  async delete(): Promise<void> {
    await this.fetch(this.url, {
      method: 'DELETE',
      headers: { ...this.common, ...this.own },
      credentials: 'include',
      keepalive: true,
    });
  }

  /** Aborted when all requests are to end. */
  get signal(): AbortSignal {
    return this.aborting.signal;
  }

  /** Ends all requests. */
  abort(): void {
    this.aborting.abort();
  }

  private get own(): Record<string, string> {
    return this.token === undefined ? {} : { [SESSION_HEADER]: this.token };
  }

  private get common(): Record<string, string> {
    const { token, subprotocols } = this.ticket;
    return {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(subprotocols.length > 0 && { [PROTOCOL_HEADER]: subprotocols.join(', ') }),
    };
  }

  private request(
    method: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    { body, ack }: { body?: string; ack?: number | undefined } = {},
  ): Promise<Response> {
    const url = new URL(this.url);
    if (ack !== undefined) url.searchParams.set('ack', String(ack));
    return this.fetch(url, {
      method,
      headers: { ...this.common, ...headers },
      credentials: 'include',
      signal,
      ...(body !== undefined && { body }),
    });
  }
}

function overHttp(url: URL): URL {
  const address = new URL(url);
  address.protocol = address.protocol.replace(/^ws/, 'http');
  return address;
}

/** A `fetch` that is aborted just when the answer ends may never settle. */
function rejectionBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

async function refusal(response: Response): Promise<HttpRefusal> {
  await response.body?.cancel();
  return new HttpRefusal(response.status, retryAfterMs(response.headers.get('Retry-After')));
}
