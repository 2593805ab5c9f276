import type { Encoded } from '../../protocol/codec/index.js';
import type { ServerMessage } from '../open-requests.js';

/** How messages travel: the client's end of the server's codec of the same name. */
export interface ClientCodec {
  /** What stands after the `+` of a subprotocol token; undefined for JSON, which needs no name. */
  readonly name: string | undefined;
  /** @throws Error for data that cannot be encoded */
  encode(message: object): Encoded;
  /** @throws Error for what no server of ours sends */
  decode(data: Encoded): ServerMessage;
}
