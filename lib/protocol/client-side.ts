/** What a client sends and gets, from the protocol. It sees payloads before, answers after validation. */
import type { AnyProtocol, ClientEvent, ServerEvent } from './define-protocol.js';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.js';

/** Events that `request` may ask: those with a reply, and those without an answer, which are then confirmed. */
export type RequestEvent<P extends AnyProtocol> = {
  [E in ClientEvent<P>]: P['client'][E] extends { readonly stream: StandardSchema } ? never : E;
}[ClientEvent<P>];

/** Events that are answered by a stream. A client without a protocol may ask any. */
export type StreamEvent<P extends AnyProtocol> = {
  [E in ClientEvent<P>]: P['client'][E] extends { readonly stream: StandardSchema }
    ? E
    : string extends ClientEvent<P>
      ? E
      : never;
}[ClientEvent<P>];

/** Without a protocol everything is unknown. */
type Known<P extends AnyProtocol, T> = string extends keyof P['client'] ? unknown : T;

type PayloadOf<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  P['client'][E] extends { readonly payload: infer S extends StandardSchema } ? SchemaInput<S> : undefined
>;

/** What follows an event: its payload, which may be left out where the protocol has none, and what else there is. */
export type PayloadAnd<P extends AnyProtocol, E extends ClientEvent<P>, More extends unknown[] = []> =
  undefined extends PayloadOf<P, E>
    ? [data?: PayloadOf<P, E>, ...more: More]
    : [data: PayloadOf<P, E>, ...more: More];

export type ReplyOf<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  P['client'][E] extends { readonly reply: infer S extends StandardSchema } ? SchemaOutput<S> : undefined
>;

export type ItemOf<P extends AnyProtocol, E extends ClientEvent<P>> = Known<
  P,
  P['client'][E] extends { readonly stream: infer S extends StandardSchema } ? SchemaOutput<S> : never
>;

export type PushOf<P extends AnyProtocol, E extends ServerEvent<P>> = SchemaOutput<P['server'][E]>;
