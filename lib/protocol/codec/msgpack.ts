/** MessagePack, by a library that the application brings: nobody else has to carry it. */
import { MalformedMessage, readClientMessage } from '../envelope/index.js';
import type { BodyFormat, Codec, Encoded, PublicationMessage, ServerMessage } from './codec.js';
import { MAX_DEPTH, findBadShape } from './msgpack-shape.js';

/** What is used of `@msgpack/msgpack`. */
export interface MessagePackLibrary {
  readonly Encoder: new (options: {
    readonly ignoreUndefined: boolean;
    readonly maxDepth: number;
  }) => MessagePackEncoder;
  readonly Decoder: new () => { decode(bytes: Uint8Array): unknown };
}

interface MessagePackEncoder {
  encode(value: unknown): Uint8Array;
}

/** An encoder keeps a buffer as large as its largest message. After one above this it is made anew. */
const KEPT_BUFFER_BYTES = 64 * 1024;

/** A message in the body of a POST is in a list, and that in a map. */
const MAX_BODY_DEPTH = MAX_DEPTH + 2;

/**
 * The codec of tokens such as `chat.v1+msgpack`. Beyond JSON it has bytes (`Uint8Array`) and points in time
 * (`Date`). Keys are strings or numbers, but not `__proto__`; messages are nested 100 deep at most.
 *
 * @param library the module `@msgpack/msgpack`, version 3: `import * as MessagePack from '@msgpack/msgpack'`
 */
export function msgpack(library: MessagePackLibrary): Codec {
  return new MessagePackCodec(library);
}

class MessagePackCodec implements Codec {
  readonly name = 'msgpack';
  readonly hasEnvelope = true;
  readonly body: BodyFormat = {
    mediaType: 'application/nestwire+msgpack',
    decode: (body) => {
      const value = this.read(body, MAX_BODY_DEPTH);
      if (value instanceof MalformedMessage) throw new Error(value.reason);
      return value;
    },
  };
  private encoder: MessagePackEncoder;
  private readonly decoder: InstanceType<MessagePackLibrary['Decoder']>;

  constructor(private readonly library: MessagePackLibrary) {
    this.encoder = this.createEncoder();
    this.decoder = new library.Decoder();
  }

  private createEncoder(): MessagePackEncoder {
    return new this.library.Encoder({ ignoreUndefined: true, maxDepth: MAX_DEPTH });
  }

  decode(data: Encoded): ReturnType<Codec['decode']> {
    if (typeof data === 'string') return new MalformedMessage('text messages are not understood here');
    const message = this.read(data);
    return message instanceof MalformedMessage ? message : readClientMessage(message);
  }

  /** @returns what the bytes mean, or a `MalformedMessage` */
  private read(bytes: Uint8Array, maxDepth?: number): unknown {
    const bad = findBadShape(bytes, maxDepth);
    if (bad !== undefined) return new MalformedMessage(bad);
    try {
      return this.decoder.decode(bytes);
    } catch {
      return new MalformedMessage('message is not MessagePack');
    }
  }

  encode(message: ServerMessage): Uint8Array {
    const bytes = this.encoder.encode(message);
    if (bytes.length > KEPT_BUFFER_BYTES) this.encoder = this.createEncoder();
    return bytes;
  }

  encodePublication({ body, ...message }: PublicationMessage): Uint8Array {
    return this.encode({ ...message, data: JSON.parse(body) as unknown });
  }
}
