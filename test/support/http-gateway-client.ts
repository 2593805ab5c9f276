import { EventStream } from './event-stream.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the answer; undefined where there is none. */
  readonly body: Record<string, unknown> | undefined;
}

export interface Envelope {
  readonly event: string;
  readonly data?: Record<string, unknown>;
  readonly id?: number;
  readonly channel?: string;
}

/** A client of a gateway over plain HTTP, which does what it is told and nothing by itself. */
export class HttpGatewayClient {
  /** `<id>.<secret>`, as it was told last. */
  ticket = 'new';

  /** @param headers of all requests */
  constructor(
    readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  async request(
    method: string,
    headers: Record<string, string>,
    body?: string | Uint8Array<ArrayBuffer>,
    query = '',
  ): Promise<HttpAnswer> {
    const response = await fetch(`${this.url}${query}`, {
      method,
      headers: { 'Nestwire-Session': this.ticket, ...this.headers, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.includes('json') === true;
    const answer = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    return { status: response.status, headers: response.headers, body: answer };
  }

  async create(headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const answer = await this.request('POST', headers);
    for (const message of messagesOf(answer)) this.learn(message);
    return answer;
  }

  post(seq: number, messages: readonly unknown[], headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const type = { 'Content-Type': 'application/nestwire+json' };
    return this.request('POST', { ...type, ...headers }, JSON.stringify({ seq, messages }));
  }

  /** @param waitS none: a short poll */
  async poll(ack?: number, waitS?: number): Promise<HttpAnswer> {
    const prefer = waitS === undefined ? {} : { Prefer: `wait=${waitS}` };
    const query = ack === undefined ? '' : `${this.url.includes('?') ? '&' : '?'}ack=${ack}`;
    const answer = await this.request('GET', { Accept: 'application/json', ...prefer }, undefined, query);
    for (const message of messagesOf(answer)) this.learn(message);
    return answer;
  }

  stream(): Promise<EventStream> {
    return EventStream.open(this.url, {
      headers: { 'Nestwire-Session': this.ticket, ...this.headers, Accept: 'text/event-stream' },
    });
  }

  learn({ event, data }: Envelope): void {
    if (event === 'nestwire:session') this.ticket = `${String(data!['id'])}.${String(data!['secret'])}`;
  }
}

export const messagesOf = ({ body }: HttpAnswer): Envelope[] => (body?.['messages'] ?? []) as Envelope[];
