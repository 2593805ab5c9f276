import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { BodyFormat, Codec, Encoded, ServerMessage } from '../../protocol/codec/index.js';
import { badRequest, bodyTooLarge, bodyTooSlow, wrongMediaType } from './http-refusal.js';

const OWN_TYPE = 'application/nestwire+json';
const JSON_TYPES = [OWN_TYPE, 'application/json'];

export interface Body {
  readonly value: unknown;
  /** The form in which a session takes a message that was found in it. @throws HttpRefusal 400 */
  readonly encode: (message: unknown) => Encoded;
}

/**
 * JSON, or what the codec has for bodies. Its own media types are some that no body parser takes before us, and
 * that no foreign page can send unasked.
 * @throws HttpRefusal 400, 408, 413 or 415 (rejects)
 */
export async function readBody(
  request: IncomingMessage,
  codec: Codec,
  maxBytes: number,
  maxMs: number,
): Promise<Body> {
  const format = formatOf(request, codec);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  const { body } = request as { body?: unknown };
  // the application's parser had it already
  const parsed = request.readableEnded ? body : undefined;
  const { encode } = format;
  if (parsed !== undefined && !(parsed instanceof Uint8Array)) return { value: parsed, encode };
  checkCoding(request, parsed);
  return { value: format.decode(parsed ?? (await readBytes(request, maxBytes, maxMs))), encode };
}

/** RFC 9110 §15.5.16; to inflate it would take limits of its own. @throws HttpRefusal 415 */
function checkCoding({ headers }: IncomingMessage, parsed: unknown): void {
  const { 'content-encoding': coding = 'identity' } = headers;
  if (parsed === undefined && coding !== 'identity') throw wrongMediaType('sent without being compressed');
}

interface Format {
  /** @throws HttpRefusal 400 */
  readonly decode: (body: Uint8Array) => unknown;
  readonly encode: Body['encode'];
}

/** @throws HttpRefusal 415 */
function formatOf({ headers }: IncomingMessage, codec: Codec): Format {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const mediaType = type.trim().toLowerCase();
  if (JSON_TYPES.includes(mediaType)) return { decode: parseJson, encode: encodeJsonMessage };
  if (mediaType === codec.body?.mediaType) return ownFormat(codec, codec.body);
  throw wrongMediaType(codec.body ? `${OWN_TYPE} or ${codec.body.mediaType}` : OWN_TYPE);
}

/** In it, what is bytes is encoded already. */
function ownFormat(codec: Codec, format: BodyFormat): Format {
  return {
    decode: (body) => attempt(() => format.decode(body), `the body is not ${format.mediaType}`),
    encode: (message) =>
      message instanceof Uint8Array
        ? message
        : attempt(() => codec.encode(message as ServerMessage), 'a message cannot be encoded'),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw badRequest('the body is not UTF-8');
  return attempt(() => JSON.parse(textOf(bytes)) as unknown, 'the body is not JSON');
}

const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString();

function encodeJsonMessage(message: unknown): Encoded {
  const { event, base64 } = (message ?? {}) as { event?: unknown; base64?: unknown };
  // an envelope may have fields of any name
  if (typeof base64 === 'string' && event === undefined) return Buffer.from(base64, 'base64');
  return writeJson(message);
}

/** What can be parsed may be too deep to be written. @throws HttpRefusal 400 */
export function writeJson(value: unknown): string {
  return attempt(() => JSON.stringify(value), 'a message is nested too deeply');
}

/** @throws HttpRefusal 400 */
function attempt<T>(work: () => T, otherwise: string): T {
  try {
    return work();
  } catch {
    throw badRequest(otherwise);
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
