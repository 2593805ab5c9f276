/** What a client brings along from a session that is gone: `{ cursors }`, where it stood in its channels. */
import { readCursors } from '../../protocol/envelope/index.js';
import { badRequest } from './http-refusal.js';
import type { HttpVisit } from './http-visit.js';
import { readJson } from './request-body.js';

/** @returns undefined when the request has no body. @throws HttpRefusal 400, 408, 413 or 415 (rejects) */
export async function readBrought({ endpoint, request }: HttpVisit): Promise<Map<string, string> | undefined> {
  const { headers } = request;
  if (headers['content-type'] === undefined || headers['content-length'] === '0') return undefined;
  const { messageBytes, handshakeMs } = endpoint.limits;
  const body = await readJson(request, messageBytes, handshakeMs);
  const cursors = readCursors(body);
  if (!cursors) throw badRequest('"cursors" is no object of cursors');
  return cursors;
}
