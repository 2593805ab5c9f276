import type { TransportEvents } from '../../session/index.js';
import { StreamTransport } from '../../transport/event-stream/index.js';
import { PollTransport } from '../../transport/polling/index.js';
import type { HttpVisit } from './http-visit.js';
import type { Reception } from './session-request.js';

/** What an event stream that is silent says that often, so that nobody between takes it for dead. */
const COMMENT_MS = 15_000;
/** How long a client may stay away between two polls, at least. */
const ABSENCE_MS = 45_000;

/** What brings a session's messages down in the way that the client wants. */
export function transportFor(
  { request, response, endpoint }: HttpVisit,
  kind: Reception['kind'],
  events: TransportEvents,
): StreamTransport | PollTransport {
  const { closeWaitMs, outboundBytes } = endpoint.limits;
  if (kind !== 'event-stream') {
    return new PollTransport(kind, events, { batchBytes: outboundBytes, absenceMs: ABSENCE_MS, closeWaitMs });
  }
  const options = { heartbeatMs: COMMENT_MS, compression: false, closeWaitMs };
  return new StreamTransport(request, response, events, options);
}
