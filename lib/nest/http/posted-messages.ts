/** The messages of one POST: `{ seq, messages }`. */
import { badRequest } from './http-refusal.js';

export interface PostedMessages {
  /** Counts the POSTs of a connection from 1. */
  readonly seq: number;
  /** As a session takes them: text, or bytes. */
  readonly messages: readonly (string | Uint8Array)[];
}

const MAX_MESSAGES = 1_000;

/** @throws HttpRefusal 400 */
export function readPosted(body: unknown): PostedMessages {
  const { seq, messages } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  if (!Number.isSafeInteger(seq) || (seq as number) < 1) throw badRequest('"seq" is not a number from 1 on');
  if (!Array.isArray(messages)) throw badRequest('"messages" is not a list');
  if (messages.length > MAX_MESSAGES) {
    throw badRequest(`${messages.length} messages exceed the limit of ${MAX_MESSAGES}`);
  }
  return { seq: seq as number, messages: messages.map(readMessage) };
}

function readMessage(message: unknown): string | Uint8Array {
  const { base64 } = (message ?? {}) as { base64?: unknown };
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : (JSON.stringify(message) ?? 'null');
}
