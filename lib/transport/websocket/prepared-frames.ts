/** One message for many connections: framed once, and compressed once for each way they compress. */
import { Opcode, type OutgoingMessage, type SharedEncoding } from '../../protocol/websocket/index.js';
import { makeFrame } from './frame-sender.js';

type Encoded = Buffer | Promise<Buffer>;

export class PreparedFrames {
  private plainFrame: Buffer | undefined;
  private encoded: Map<string, Encoded | undefined> | undefined;
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
    const known = (this.encoded ??= new Map<string, Encoded | undefined>());
    const key = `${rsv}/${shared.key}`;
    if (!known.has(key)) known.set(key, this.encode(shared, rsv));
    return known.get(key);
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
