/** What a request of a gateway's client over plain HTTP says of itself: WIRE §6. */
import type { IncomingMessage } from 'node:http';
import { type SessionTicket, type TransportKind, parseSessionTicket, queryOf } from '../../session/index.js';
import { chooseForm, readWaitMs } from '../../protocol/polling/index.js';

const SESSION_HEADER = 'nestwire-session';
const PROTOCOL_HEADER = 'nestwire-protocol';

/** Else it goes on to the application's other routes: WIRE §6. */
export function isForGateway({ method, headers }: IncomingMessage): boolean {
  if (headers[SESSION_HEADER] === undefined || method === 'OPTIONS') return false;
  return method !== 'GET' || chooseForm(headers.accept) !== undefined;
}

/** A page of another origin asks whether it may send such a request: it would not come with our header else. */
export function isPreflightForGateway({ method, headers }: IncomingMessage): boolean {
  const named = headers['access-control-request-headers'] ?? '';
  return (
    method === 'OPTIONS' &&
    named
      .toLowerCase()
      .split(/\s*,\s*/)
      .includes(SESSION_HEADER)
  );
}

/** @returns undefined for text that is neither `new` nor a ticket */
export function readTicket({ headers }: IncomingMessage): SessionTicket | 'new' | undefined {
  const text = headers[SESSION_HEADER];
  return typeof text === 'string' ? parseSessionTicket(text) : undefined;
}

/** The tokens of the protocols that the client speaks, as it prefers them. */
export function offeredProtocols({ headers }: IncomingMessage): string[] {
  const text = headers[PROTOCOL_HEADER];
  const tokens = typeof text === 'string' ? text.split(',') : [];
  return tokens.map((token) => token.trim()).filter((token) => token !== '');
}

/** How the client wants to hear from us. */
export interface Reception {
  readonly kind: Exclude<TransportKind, 'websocket'>;
  /** How long a poll may wait. */
  readonly waitMs: number;
  /** The last batch that came. */
  readonly ack: number | undefined;
}

const LONGEST_WAIT_MS = 60_000;

export function readReception({ headers, url = '' }: IncomingMessage): Reception {
  if (chooseForm(headers.accept) === 'event-stream')
    return { kind: 'event-stream', waitMs: 0, ack: undefined };
  const waitMs = readWaitMs(headers['prefer'] as string | undefined);
  return {
    kind: waitMs === undefined ? 'short-polling' : 'long-polling',
    waitMs: Math.min(waitMs ?? 0, LONGEST_WAIT_MS),
    ack: readAck(url),
  };
}

/** Whether it goes on with polls that were answered before. */
export const isNextPoll = (request: IncomingMessage): boolean =>
  request.method === 'GET' && readReception(request).ack !== undefined;

function readAck(url: string): number | undefined {
  const ack = new URLSearchParams(queryOf(url)).get('ack');
  return ack !== null && /^\d{1,15}$/.test(ack) ? Number(ack) : undefined;
}
