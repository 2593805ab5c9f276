/**
 * What an extension is, RFC 6455 §9: a name that is negotiated with parameters in the opening handshake,
 * reserved bits that it claims, and a transformation of whole messages, both ways.
 */
import type { ExtensionParameters } from './extension-header.js';

/** A message on its way out. */
export interface OutgoingMessage {
  readonly payload: Buffer;
  readonly isBinary: boolean;
  /** False when the application asked not to compress this message. */
  readonly compress: boolean;
}

/**
 * One connection's use of an extension. Messages are transformed in the order they are sent or received;
 * the next one begins when the result of the last is there. Whatever state there is, is released by `close`.
 */
export interface MessageTransform {
  /** @returns the payload to send with the claimed bits set, or undefined to send the message as it is */
  encode(message: OutgoingMessage): Buffer | undefined | Promise<Buffer | undefined>;
  /**
   * Undoes `encode` on a message that came with the claimed bits set.
   * @throws WebSocketError 1007 for what can't be undone, 1009 for what becomes larger than the limit
   */
  decode(payload: Buffer): Buffer | Promise<Buffer>;
  close(): void;
  /** Given when a message to many can be encoded once for all connections that have the same key. */
  readonly shared?: SharedEncoding;
}

/** Encoding without a connection's own state. */
export interface SharedEncoding {
  readonly key: string;
  encode(message: OutgoingMessage): Buffer | undefined | Promise<Buffer | undefined>;
  /** A message that `encode` made was sent on this connection, between others. */
  sent(): void;
}

/** Limits that a transform must keep. */
export interface TransformLimits {
  /** Bytes of a message after `decode`. */
  readonly maxPayload: number;
}

/** A server's answer to an offer. */
export interface AcceptedOffer {
  readonly parameters: ExtensionParameters;
  /** Called once the connection is established. */
  open(limits: TransformLimits): MessageTransform;
}

/** An extension as an application configures it; one object serves any number of connections. */
export interface Extension {
  readonly name: string;
  /** The reserved bits it sets on the first frame of a message that it transformed: RSV1, RSV2, RSV3. */
  readonly rsv: number;
  /** Server: answers an offer, or declines it with undefined. Must not keep state for it yet. */
  accept(offer: ExtensionParameters): AcceptedOffer | undefined;
  /** Client: what to offer, the preferred first. */
  offers(): readonly ExtensionParameters[];
  /** Client: takes the server's answer. @throws Error for an answer that does not fit the offers */
  confirm(answer: ExtensionParameters): AcceptedOffer;
}
