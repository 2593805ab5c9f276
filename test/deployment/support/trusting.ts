/** What Node's clients need to speak to a server whose certificate only the test knows. */
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import type { ConnectOptions } from 'nestwire/client';
import { WebSocket } from 'nestwire/websocket';

/** @returns `fetch` and `WebSocket` as `connect` of nestwire/client takes them */
export function trusting(ca: string): Pick<ConnectOptions, 'fetch' | 'WebSocket'> {
  const agent = new Agent({ ca });
  return {
    WebSocket: class extends WebSocket {
      constructor(url: string, protocols: string[] = []) {
        super(url, protocols, { tls: { ca } });
      }
    },
    fetch: fetchBy(agent),
  };
}

function fetchBy(agent: Agent): typeof fetch {
  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    const sent = request(url as string, {
      agent,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal && { signal }),
    });
    sent.end(body ?? undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const status = answer.statusCode!;
    const isEmpty = status === 204 || status === 304;
    if (isEmpty) answer.resume();
    return new Response(isEmpty ? null : (Readable.toWeb(answer) as ReadableStream), {
      status,
      headers: answer.headers as Record<string, string>,
    });
  };
}

export interface Asked {
  readonly ca: string;
  /** The client's own address. */
  readonly localAddress?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** A request of its own, on a connection of its own; an upgrade is an answer too, and ended at once. */
export async function ask(url: string, { body, ...options }: Asked): Promise<IncomingMessage> {
  const sent = request(url, { ...options, agent: false });
  sent.end(body);
  const upgraded = once(sent, 'upgrade') as Promise<[IncomingMessage]>;
  const [answer] = await Promise.race([once(sent, 'response') as Promise<[IncomingMessage]>, upgraded]);
  if (answer.statusCode === 101) answer.socket.destroy();
  return answer;
}
