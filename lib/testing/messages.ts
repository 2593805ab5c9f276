/** What a protocol says about messages, from a client's side. Without a protocol everything is unknown. */
import type {
  AnyProtocol,
  ClientEvent,
  SchemaInput,
  SchemaOutput,
  ServerEvent,
  StandardSchema,
} from '../protocol/index.js';

type Known<P extends AnyProtocol, T> = string extends keyof P['client'] ? unknown : T;

/** The schema that a message has under `Key`, or never. */
type SchemaOf<Message, Key extends string> =
  Message extends Readonly<Record<Key, infer S>> ? (S extends StandardSchema ? S : never) : never;

type InputOf<S> = [S] extends [never] ? undefined : S extends StandardSchema ? SchemaInput<S> : never;
type OutputOf<S> = [S] extends [never] ? undefined : S extends StandardSchema ? SchemaOutput<S> : never;

type ClientPayload<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  InputOf<SchemaOf<P['client'][E], 'payload'>>
>;

/** The data of a message: may be left out where the protocol has none. */
export type ClientData<P extends AnyProtocol, E extends ClientEvent<P>> =
  undefined extends ClientPayload<P, E> ? [data?: ClientPayload<P, E>] : [data: ClientPayload<P, E>];

export type Reply<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  OutputOf<SchemaOf<P['client'][E], 'reply'>>
>;

export type StreamItem<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  OutputOf<SchemaOf<P['client'][E], 'stream'>>
>;

/** What a server sent by itself: a push, a publication, or an exception that answers nothing. */
export interface ServerMessage<Data = unknown> {
  readonly event: string;
  readonly data: Data;
  /** Of a publication. */
  readonly channel?: string;
  readonly cursor?: string;
}

export type PushedMessage<P extends AnyProtocol, E extends string> = ServerMessage<
  string extends keyof P['server']
    ? unknown
    : E extends ServerEvent<P>
      ? SchemaOutput<P['server'][E]>
      : unknown
>;
