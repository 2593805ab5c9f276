/** What a client sends and gets, from the protocol. It sees payloads before, answers after validation. */
import type {
  AnyProtocol,
  ClientEvent,
  SchemaInput,
  SchemaOutput,
  ServerEvent,
  StandardSchema,
} from '../protocol/index.js';

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

export type PayloadOf<P extends AnyProtocol, E extends ClientEvent<P>> = P['client'][E] extends {
  readonly payload: infer S extends StandardSchema;
}
  ? SchemaInput<S>
  : string extends ClientEvent<P>
    ? unknown
    : undefined;

export type ReplyOf<P extends AnyProtocol, E extends ClientEvent<P>> = P['client'][E] extends {
  readonly reply: infer S extends StandardSchema;
}
  ? SchemaOutput<S>
  : string extends ClientEvent<P>
    ? unknown
    : undefined;

export type ItemOf<P extends AnyProtocol, E extends ClientEvent<P>> = P['client'][E] extends {
  readonly stream: infer S extends StandardSchema;
}
  ? SchemaOutput<S>
  : unknown;

export type PushOf<P extends AnyProtocol, E extends ServerEvent<P>> = SchemaOutput<P['server'][E]>;
