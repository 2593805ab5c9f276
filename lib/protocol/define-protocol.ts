/**
 * A protocol is the typed set of messages that a subprotocol token names. Server and client share one
 * object: the server validates with its schemas what comes in, both get their types from it.
 */
import { NestwireError } from '../errors/index.js';
import { RESERVED_PREFIX } from './envelope/envelope.js';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.js';

/** A message that is answered once. */
export interface RequestMessage {
  readonly payload?: StandardSchema;
  readonly reply: StandardSchema;
  readonly stream?: never;
}

/** A message that is answered by a stream of items. */
export interface StreamMessage {
  readonly payload?: StandardSchema;
  readonly stream: StandardSchema;
  readonly reply?: never;
}

/** A message without an answer. */
export interface SilentMessage {
  readonly payload?: StandardSchema;
  readonly reply?: never;
  readonly stream?: never;
}

/** What a client may send, by event. */
export type ClientMessages = Readonly<Record<string, RequestMessage | StreamMessage | SilentMessage>>;

/** What a server may push, by event. */
export type ServerMessages = Readonly<Record<string, StandardSchema>>;

export interface Protocol<
  Name extends string = string,
  Client extends ClientMessages = ClientMessages,
  Server extends ServerMessages = ServerMessages,
> {
  /** The subprotocol token on the wire, with its version: `chat.v1`. */
  readonly name: Name;
  readonly client: Client;
  readonly server: Server;
}

export type AnyProtocol = Protocol;

/** Events that a client of `P` may send. */
export type ClientEvent<P extends AnyProtocol> = keyof P['client'] & string;

/** Events that a server of `P` may push. */
export type ServerEvent<P extends AnyProtocol> = keyof P['server'] & string;

type SchemaAt<Message, Key extends string> =
  Message extends Readonly<Record<Key, infer S>> ? (S extends StandardSchema ? S : never) : never;

/** What a handler of `E` gets; undefined when the protocol gives it no payload. */
export type PayloadOutput<P extends AnyProtocol, E extends ClientEvent<P>> = P['client'][E] extends {
  readonly payload: StandardSchema;
}
  ? SchemaOutput<SchemaAt<P['client'][E], 'payload'>>
  : undefined;

/** What a handler of the request `E` answers with. */
export type ReplyInput<P extends AnyProtocol, E extends ClientEvent<P>> = SchemaInput<
  SchemaAt<P['client'][E], 'reply'>
>;

/** One item of what a handler of the stream `E` answers with. */
export type ItemInput<P extends AnyProtocol, E extends ClientEvent<P>> = SchemaInput<
  SchemaAt<P['client'][E], 'stream'>
>;

/** What a server hands to `push` for `E`. */
export type PushInput<P extends AnyProtocol, E extends ServerEvent<P>> = SchemaInput<P['server'][E]>;

/** A protocol that cannot be: its name is no subprotocol token, or it takes names that are reserved. */
export class InvalidProtocolError extends NestwireError {
  readonly code = 'INVALID_PROTOCOL';
}

/** Has no keys, where `Record<string, never>` would have all. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- nothing else says "no events"
type NoMessages = Readonly<Record<never, never>>;

/**
 * @param name the subprotocol token, version included: letters, digits, `.`, `-`, `_`; at most 64 characters
 * @param messages what a client may send, and what the server may push; either may be left out
 * @throws InvalidProtocolError
 */
export function defineProtocol<
  const Name extends string,
  const Client extends ClientMessages = NoMessages,
  const Server extends ServerMessages = NoMessages,
>(
  name: Name,
  messages: { readonly client?: Client; readonly server?: Server },
): Protocol<Name, Client, Server> {
  const client = messages.client ?? ({} as Client);
  const server = messages.server ?? ({} as Server);
  checkName(name);
  for (const event of [...Object.keys(client), ...Object.keys(server)]) checkEvent(name, event);
  return Object.freeze({ name, client, server });
}

/** RFC 6455 §4.1 item 10 allows any token; `+` leads to the codec, `bearer.` to a credential (WIRE §1). */
const NAME = /^(?!bearer\.)[0-9A-Za-z._-]{1,64}$/;

function checkName(name: string): void {
  if (!NAME.test(name)) throw new InvalidProtocolError(`"${name}" cannot name a protocol`);
}

function checkEvent(protocol: string, event: string): void {
  if (event === '' || event.startsWith(RESERVED_PREFIX)) {
    throw new InvalidProtocolError(`protocol "${protocol}": the event name "${event}" is reserved`);
  }
}
