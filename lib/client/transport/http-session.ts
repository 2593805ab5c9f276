/** The requests of one session over plain HTTP: WIRE §6. */
import { SESSION_EVENT, type SessionData } from '../../protocol/envelope/index.js';
import type { ServerMessage } from '../open-requests.js';
import type { Ticket } from './transport.js';

export type Fetch = typeof fetch;

const SESSION_HEADER = 'Nestwire-Session';
const PROTOCOL_HEADER = 'Nestwire-Protocol';
const MEDIA_TYPE = 'application/nestwire+json';

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
  private readonly url: URL;
  private readonly aborting = new AbortController();

  constructor(
    private readonly ticket: Ticket,
    private readonly fetch: Fetch,
  ) {
    this.url = new URL(ticket.url);
    this.url.protocol = this.url.protocol.replace(/^ws/, 'http');
    if (ticket.session !== 'new') this.token = ticket.session;
  }

  /** Only a POST creates a session. @throws HttpRefusal, and what `fetch` throws */
  async begin(): Promise<void> {
    if (this.token !== undefined) return;
    const response = await this.request('POST', { [SESSION_HEADER]: 'new' });
    if (response.status !== 201) throw await refusal(response);
    const { messages } = (await response.json()) as { messages: [ServerMessage] };
    this.learn(messages[0]);
  }

  /** The secret changes with every connection. */
  learn({ event, data }: ServerMessage): void {
    if (event !== SESSION_EVENT) return;
    const { id, secret } = data as SessionData;
    this.token = `${id}.${secret}`;
  }

  /** @returns the status */
  async post(body: string): Promise<number> {
    const response = await this.request('POST', { ...this.own, 'Content-Type': MEDIA_TYPE }, body);
    await response.body?.cancel();
    return response.status;
  }

  /** @throws HttpRefusal for anything but 200 and 204, and what `fetch` throws */
  async get(accept: string, headers: Record<string, string> = {}, ack?: number): Promise<Response> {
    const response = await this.request('GET', { ...this.own, Accept: accept, ...headers }, undefined, ack);
    if (response.status !== 200 && response.status !== 204) throw await refusal(response);
    return response;
  }

  /** Ends the session. A page that is left still gets it out. */
  async delete(): Promise<void> {
    await this.fetch(this.url, {
      method: 'DELETE',
      headers: { ...this.common, ...this.own },
      keepalive: true,
    });
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
    body?: string,
    ack?: number,
  ): Promise<Response> {
    const url = new URL(this.url);
    if (ack !== undefined) url.searchParams.set('ack', String(ack));
    return this.fetch(url, {
      method,
      headers: { ...this.common, ...headers },
      credentials: 'include',
      signal: this.aborting.signal,
      ...(body !== undefined && { body }),
    });
  }
}

async function refusal(response: Response): Promise<HttpRefusal> {
  await response.body?.cancel();
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  return new HttpRefusal(response.status, Number.isFinite(seconds) ? seconds * 1_000 : 0);
}
