import type {
  AnyProtocol,
  ClientEvent,
  SchemaInput,
  SchemaOutput,
  ServerEvent,
  StandardSchema,
} from 'nestwire/protocol';

/** The JSON envelope: what client and server send each other. */
export interface Envelope {
  event: string;
  data?: unknown;
  id?: number;
}

type InputOf<S> = S extends StandardSchema ? SchemaInput<S> : undefined;
type OutputOf<S> = S extends StandardSchema ? SchemaOutput<S> : undefined;

/** What a client hands over, and what it gets, as the protocol object says. */
export type Payload<P extends AnyProtocol, E extends ClientEvent<P>> = InputOf<P['client'][E]['payload']>;
export type Reply<P extends AnyProtocol, E extends ClientEvent<P>> = OutputOf<P['client'][E]['reply']>;
export type Pushed<P extends AnyProtocol, E extends ServerEvent<P>> = SchemaOutput<P['server'][E]>;
