/** The messages of one POST: `{ seq, messages }`. */
import { badRequest, bodyTooLarge } from './http-refusal.js';

export interface PostedMessages {
  /** Counts the POSTs of a connection from 1. */
  readonly seq: number;
  /** As a session takes them: text, or bytes. */
  readonly messages: readonly (string | Uint8Array)[];
}

const MAX_MESSAGES = 1_000;

/**
 * @param maxBytes of all messages: an application that parses JSON before us has a limit of its own
 * @throws HttpRefusal 400, 413
 */
export function readPosted(body: unknown, maxBytes: number): PostedMessages {
  const { seq, messages } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  if (!Number.isSafeInteger(seq) || (seq as number) < 1) throw badRequest('"seq" is not a number from 1 on');
  if (!Array.isArray(messages)) throw badRequest('"messages" is not a list');
  if (messages.length > MAX_MESSAGES) {
    throw badRequest(`${messages.length} messages exceed the limit of ${MAX_MESSAGES}`);
  }
  const read = messages.map(readMessage);
  const bytes = read.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
  return { seq: seq as number, messages: read };
}

function readMessage(message: unknown): string | Uint8Array {
  const { event, base64 } = (message ?? {}) as { event?: unknown; base64?: unknown };
  // an envelope may have fields of any name
  if (typeof base64 === 'string' && event === undefined) return Buffer.from(base64, 'base64');
  return writeJson(message);
}

/** What can be parsed may be too deep to be written. @throws HttpRefusal 400 */
export function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw badRequest('a message is nested too deeply');
  }
}
