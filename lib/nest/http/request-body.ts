import type { IncomingMessage } from 'node:http';
import { badRequest, bodyTooLarge, wrongMediaType } from './http-refusal.js';

const OWN_TYPE = 'application/nestwire+json';
const TYPES = [OWN_TYPE, 'application/json'];

/**
 * The JSON of a request. Its own media type is one that no body parser takes before us, and that no foreign page
 * can send unasked.
 * @throws HttpRefusal 400, 413 or 415 (rejects)
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (!TYPES.includes(type.trim().toLowerCase())) throw wrongMediaType(OWN_TYPE);
  const { body } = request as { body?: unknown };
  // the application's parser had it already
  if (request.readableEnded && body !== undefined) return body;
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw badRequest('the body is not JSON');
  }
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
