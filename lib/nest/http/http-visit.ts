import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionOrigin, SessionTicket, TransportKind } from '../../session/index.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import { badRequest } from './http-refusal.js';
import { readTicket } from './session-request.js';

/** One request of a gateway's client. */
export interface HttpVisit {
  readonly endpoint: GatewayEndpoint;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query, as requested. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

/** @throws HttpRefusal 400 */
export function ticketOf({ request }: HttpVisit): SessionTicket | 'new' {
  const ticket = readTicket(request);
  if (ticket === undefined) {
    throw badRequest('Nestwire-Session is neither "new" nor of the form <id>.<secret>');
  }
  return ticket;
}

export function originOf(
  { request, url, params, remoteAddress }: HttpVisit,
  transport: TransportKind,
): SessionOrigin {
  return { request, transport, url, params, remoteAddress };
}

export function reply({ response }: HttpVisit, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
