/** The messages of one POST: `{ seq, messages }`. */
import type { Encoded } from '../../protocol/codec/index.js';
import { badRequest, bodyTooLarge } from './http-refusal.js';
import type { Body } from './request-body.js';

export interface PostedMessages {
  /** Counts the POSTs of a connection from 1. */
  readonly seq: number;
  /** As a session takes them: text, or bytes. */
  readonly messages: readonly Encoded[];
}

const MAX_MESSAGES = 1_000;

/**
 * @param maxBytes of all messages: an application that parses JSON before us has a limit of its own
 * @throws HttpRefusal 400, 413
 */
export function readPosted({ value, encode }: Body, maxBytes: number): PostedMessages {
  const { seq, messages } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (!Number.isSafeInteger(seq) || (seq as number) < 1) throw badRequest('"seq" is not a number from 1 on');
  if (!Array.isArray(messages)) throw badRequest('"messages" is not a list');
  if (messages.length > MAX_MESSAGES) {
    throw badRequest(`${messages.length} messages exceed the limit of ${MAX_MESSAGES}`);
  }
  const read = messages.map(encode);
  const bytes = read.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
  return { seq: seq as number, messages: read };
}
