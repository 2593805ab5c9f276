/** One message for many connections: framed once, and compressed once for each way they compress. */
import { Opcode, type OutgoingMessage, type SharedEncoding } from '../../protocol/websocket/index.js';
import { makeFrame } from './frame-sender.js';

type Encoded = Buffer | Promise<Buffer>;

interface Encoding {
  readonly key: string;
  readonly rsv: number;
  readonly frame: Encoded | undefined;
}

export class PreparedFrames {
  private plainFrame: Buffer | undefined;
  private encodings: Encoding[] | undefined;
  readonly message: OutgoingMessage;

  constructor(payload: Buffer, isBinary: boolean, compress = true) {
    this.message = { payload, isBinary, compress };
  }

  /** The message as a server's frame, without any extension. */
  get plain(): Buffer {
    return (this.plainFrame ??= this.frame(0, this.message.payload));
  }

  /** @returns the frame, or undefined when the encoding leaves this message as it is */
  encodedBy(shared: SharedEncoding, rsv: number): Encoded | undefined {
    const known = (this.encodings ??= []);
    // Connections of one server nearly all agree on the same: this is asked for each of them
    for (const encoding of known)
      if (encoding.rsv === rsv && encoding.key === shared.key) return encoding.frame;
    const frame = this.encode(shared, rsv);
    known.push({ key: shared.key, rsv, frame });
    return frame;
  }

  private encode(shared: SharedEncoding, rsv: number): Encoded | undefined {
    const payload = shared.encode(this.message);
    if (payload === undefined) return undefined;
    if (Buffer.isBuffer(payload)) return this.frame(rsv, payload);
    return payload.then((done) => (done === undefined ? this.plain : this.frame(rsv, done)));
  }

  private frame(rsv: number, payload: Buffer): Buffer {
    const opcode = this.message.isBinary ? Opcode.binary : Opcode.text;
    return makeFrame('server', rsv | opcode, payload);
  }
}
