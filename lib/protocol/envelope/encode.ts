/** Messages to a client as JSON text. All throw what `JSON.stringify` throws: cycles, BigInt, great depth. */
import { EXCEPTION_EVENT, type ExceptionData, type MessageId } from './envelope.js';

/** The answer to a request, the end of a stream (then without data), or, without an id, a push. */
export function encodeMessage(event: string, id: MessageId | undefined, data: unknown): string {
  return JSON.stringify({ event, id, data });
}

/** One item of a stream; without an id it is told from a push by nothing. */
export function encodeItem(event: string, id: MessageId | undefined, data: unknown): string {
  return JSON.stringify(id === undefined ? { event, data } : { event, id, data, more: true });
}

export function encodeException(id: MessageId | undefined, data: ExceptionData): string {
  return JSON.stringify({ event: EXCEPTION_EVENT, id, data });
}

/** @param body the publication's data, already JSON */
export function encodePublication(
  event: string,
  body: string,
  channel: string,
  cursor: string | undefined,
): string {
  const tail = cursor === undefined ? '' : `,"cursor":${JSON.stringify(cursor)}`;
  return `{"event":${JSON.stringify(event)},"data":${body},"channel":${JSON.stringify(channel)}${tail}}`;
}
