/**
 * For gateways whose clients speak no envelope. What comes is the data of an event `message`, a string when it
 * came as text, bytes when binary. What a handler answers, a push and a publication go out as they are;
 * there is no place for an event, an id or an exception.
 */
import type { Codec } from './codec.js';

/** The event of everything that comes. */
const MESSAGE_EVENT = 'message';

export const raw: Codec = Object.freeze<Codec>({
  name: 'raw',
  hasEnvelope: false,

  decode: (data) => ({ event: MESSAGE_EVENT, data }),

  encode({ event, data }) {
    if (typeof data === 'string' || data instanceof Uint8Array) return data;
    throw new TypeError(`"${event}": a raw message is a string or bytes, not ${typeof data}`);
  },

  /** A string as it is, everything else as JSON. */
  encodePublication({ body }) {
    const data = JSON.parse(body) as unknown;
    return typeof data === 'string' ? data : body;
  },
});
