/** The codec of tokens that name none. It has what JSON has: no bytes, no dates. */
import { MalformedMessage, readClientMessage } from '../envelope/index.js';
import type { Codec } from './codec.js';

export const json: Codec = Object.freeze<Codec>({
  name: 'json',
  hasEnvelope: true,

  decode(data) {
    if (typeof data !== 'string') return new MalformedMessage('binary messages are not understood here');
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return new MalformedMessage('message is not JSON');
    }
    return readClientMessage(message);
  },

  encode: (message) => JSON.stringify(message),

  /** Around the body, which is not parsed for it. */
  encodePublication({ event, body, channel, cursor }) {
    const tail = cursor === undefined ? '' : `,"cursor":${JSON.stringify(cursor)}`;
    return `{"event":${JSON.stringify(event)},"data":${body},"channel":${JSON.stringify(channel)}${tail}}`;
  },
});
