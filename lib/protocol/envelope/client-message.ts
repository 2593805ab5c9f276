import type { ClientMessage, MessageId } from './envelope.js';

/** What came is no message. `id` is there when it could be read all the same. */
export class MalformedMessage {
  constructor(
    readonly reason: string,
    readonly id?: MessageId,
  ) {}
}

const MAX_ID_BYTES = 64;
/** A UTF-16 code unit takes at most three bytes of UTF-8. */
const SURELY_SHORT_ID = Math.floor(MAX_ID_BYTES / 3);
const utf8 = new TextEncoder();

/** What a codec has decoded is handed on itself: a message costs no copy. */
export function readClientMessage(message: unknown): ClientMessage | MalformedMessage {
  if (typeof message !== 'object' || message === null)
    return new MalformedMessage('message is not an object');
  const { event, id } = message as Partial<Record<keyof ClientMessage, unknown>>;
  if (id !== undefined && !isMessageId(id)) {
    return new MalformedMessage(`"id" is neither a string of up to ${MAX_ID_BYTES} bytes nor a safe integer`);
  }
  if (typeof event !== 'string' || event === '') return new MalformedMessage('"event" is not a name', id);
  return message as ClientMessage;
}

function isMessageId(id: unknown): id is MessageId {
  if (typeof id === 'number') return Number.isSafeInteger(id);
  if (typeof id !== 'string') return false;
  return (
    id.length <= SURELY_SHORT_ID || (id.length <= MAX_ID_BYTES && utf8.encode(id).length <= MAX_ID_BYTES)
  );
}
