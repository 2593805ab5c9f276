import type { MessagePackLibrary } from '../../protocol/codec/index.js';
import type { ServerMessage } from '../open-requests.js';
import type { ClientCodec } from './client-codec.js';

/** An encoder keeps a buffer as large as its largest message. After one above this it is made anew. */
const KEPT_BUFFER_BYTES = 64 * 1024;

/** As the server does, so that a nesting it would refuse fails here, with the caller's stack. */
const ENCODER_OPTIONS = { ignoreUndefined: true, maxDepth: 100 } as const;

/**
 * Messages in MessagePack: beyond JSON they have bytes (`Uint8Array`) and points in time (`Date`). For the option
 * `codec` of `connect`; the application needs the codec of the same name.
 *
 * @param library the module `@msgpack/msgpack`, version 3: `import * as MessagePack from '@msgpack/msgpack'`
 */
export function msgpack({ Encoder, Decoder }: MessagePackLibrary): ClientCodec {
  let encoder = new Encoder(ENCODER_OPTIONS);
  const decoder = new Decoder();
  return {
    name: 'msgpack',
    encode(message) {
      const bytes = encoder.encode(message);
      if (bytes.length > KEPT_BUFFER_BYTES) encoder = new Encoder(ENCODER_OPTIONS);
      return bytes;
    },
    decode(data) {
      if (typeof data !== 'string') return decoder.decode(data) as ServerMessage;
      throw new TypeError(`text message of ${data.length} characters where MessagePack is spoken`);
    },
  };
}
