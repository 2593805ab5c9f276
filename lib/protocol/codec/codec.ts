/**
 * The port between messages and their form on the wire. A codec keeps no state: one serves all sessions.
 * In a subprotocol token it is named after a `+`: `chat.v1+msgpack`. A token without one means JSON.
 */
import type { ClientMessage, MalformedMessage, MessageId } from '../envelope/index.js';

/** A whole message on the wire: a string travels as text, bytes travel as binary. */
export type Encoded = string | Uint8Array;

/** A reply, an item or the end of a stream, a push, or an exception. Without `data` there is none. */
export interface ServerMessage {
  readonly event: string;
  readonly id?: MessageId | undefined;
  readonly data?: unknown;
  readonly more?: true;
}

/** An item of a channel, whose data is JSON already, since it may come from another process. */
export interface PublicationMessage {
  readonly event: string;
  readonly body: string;
  readonly channel: string;
  readonly cursor: string | undefined;
}

/** How the body of a POST is written as a whole, with its messages in it as they are. */
export interface BodyFormat {
  readonly mediaType: string;
  /** @throws Error for what is not of this format */
  decode(body: Uint8Array): unknown;
}

export interface Codec {
  /** What stands after the `+` of a subprotocol token. */
  readonly name: string;
  /** Whether a message has a place for an event and an id. Without, nothing of the library's own is sent. */
  readonly hasEnvelope: boolean;
  /** Beside JSON, in which messages of bytes are base64. */
  readonly body?: BodyFormat;
  /** Never throws, whatever came. */
  decode(data: Encoded): ClientMessage | MalformedMessage;
  /** @throws Error for data that cannot be encoded */
  encode(message: ServerMessage): Encoded;
  /** @throws Error for data that cannot be encoded */
  encodePublication(publication: PublicationMessage): Encoded;
}
