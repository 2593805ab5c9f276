import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { badRequest, bodyTooLarge, bodyTooSlow, wrongMediaType } from './http-refusal.js';

const OWN_TYPE = 'application/nestwire+json';
const TYPES = [OWN_TYPE, 'application/json'];

/**
 * The JSON of a request. Its own media type is one that no body parser takes before us, and that no foreign page
 * can send unasked.
 * @throws HttpRefusal 400, 408, 413 or 415 (rejects)
 */
export async function readJson(request: IncomingMessage, maxBytes: number, maxMs: number): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (!TYPES.includes(type.trim().toLowerCase())) throw wrongMediaType(OWN_TYPE);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  const { body } = request as { body?: unknown };
  // the application's parser had it already
  if (request.readableEnded && body !== undefined) return body;
  const bytes = await readBytes(request, maxBytes, maxMs);
  if (!isUtf8(bytes)) throw badRequest('the body is not UTF-8');
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw badRequest('the body is not JSON');
  }
}

/** Not by iteration: that destroys the socket when it is left early, and with it the way for an answer. */
function readBytes(request: IncomingMessage, maxBytes: number, maxMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const listeners = {
      data: (chunk: Buffer): void => {
        length += chunk.length;
        if (length > maxBytes) fail(bodyTooLarge(maxBytes));
        else chunks.push(chunk);
      },
      end: (): void => {
        stop();
        resolve(Buffer.concat(chunks, length));
      },
      close: (): void => fail(badRequest('the body broke off')),
    };
    const timer = setTimeout(() => fail(bodyTooSlow(maxMs)), maxMs);
    const stop = (): void => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) request.off(event, listener);
    };
    request.on('error', () => undefined); // `close` says it, and follows
    if (request.readableEnded || request.destroyed) return listeners.end();
    for (const [event, listener] of Object.entries(listeners)) request.on(event, listener);
  });
}
