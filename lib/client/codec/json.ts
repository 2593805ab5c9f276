import type { ServerMessage } from '../open-requests.js';
import type { ClientCodec } from './client-codec.js';

/** What is spoken when nothing else was chosen. */
export const json: ClientCodec = {
  name: undefined,
  encode: (message) => JSON.stringify(message),
  decode(data) {
    if (typeof data === 'string') return JSON.parse(data) as ServerMessage;
    throw new TypeError(`binary message of ${data.length} bytes where JSON is spoken`);
  },
};
