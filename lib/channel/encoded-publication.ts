import { type Codec, type PublicationMessage, encodeException } from '../protocol/codec/index.js';
import { PreparedMessage, notEncodable } from '../session/index.js';

/** One publication for all sessions that joined its channel: encoded once for each codec in use. */
export class EncodedPublication {
  private readonly messages = new Map<Codec, PreparedMessage | undefined>();

  constructor(private readonly publication: PublicationMessage) {}

  /** @returns undefined when there is nothing to send */
  by(codec: Codec): PreparedMessage | undefined {
    if (!this.messages.has(codec)) this.messages.set(codec, this.encode(codec));
    return this.messages.get(codec);
  }

  /** A codec may refuse what is JSON, nested too deeply for instance. Then its clients are told of the hole. */
  private encode(codec: Codec): PreparedMessage | undefined {
    try {
      return new PreparedMessage(codec.encodePublication(this.publication));
    } catch {
      const data = notEncodable(`a publication of channel "${this.publication.channel}"`, codec.name);
      const message = encodeException(codec, undefined, data);
      return message === undefined ? undefined : new PreparedMessage(message);
    }
  }
}
