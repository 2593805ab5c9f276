/** What a client brings along from a session that is gone: `{ cursors }`, where it stood in its channels. */
import type { Codec } from '../../protocol/codec/index.js';
import { readCursors } from '../../protocol/envelope/index.js';
import { badRequest } from './http-refusal.js';
import type { HttpVisit } from './http-visit.js';
import { readBody } from './request-body.js';

/** Nobody knows yet who sends them: the cursor of a channel with the longest name fits, and not much more. */
const CURSOR_BYTES = 1024;

/** @returns undefined when the request has no body. @throws HttpRefusal 400, 408, 413 or 415 (rejects) */
export async function readBrought(
  { endpoint, request }: HttpVisit,
  codec: Codec,
): Promise<Map<string, string> | undefined> {
  const { headers } = request;
  if (headers['content-type'] === undefined || headers['content-length'] === '0') return undefined;
  const { channels, messageBytes, handshakeMs } = endpoint.limits;
  const maxBytes = Math.min(messageBytes, channels * CURSOR_BYTES);
  // as long as it is read it is one of the handshakes that wait
  const hasCome = endpoint.connection.admission.wait();
  const body = await readBody(request, codec, maxBytes, handshakeMs).finally(hasCome);
  const cursors = readCursors(body.value);
  if (!cursors) throw badRequest('"cursors" is no object of cursors');
  return cursors;
}
