/** The JSON envelope, and what a protocol object says about its messages, as types. */
export interface Envelope {
  event: string;
  data?: unknown;
  id?: number;
}

interface Schema {
  '~standard': { types?: { input: unknown; output: unknown } | undefined };
}

export interface Protocol {
  client: Record<string, { payload?: Schema; reply?: Schema }>;
  server: Record<string, Schema>;
}

type Types<S> = S extends { '~standard': { types?: infer T } } ? NonNullable<T> : never;
type Input<S> = Types<S> extends { input: infer I } ? I : never;
type Output<S> = Types<S> extends { output: infer O } ? O : never;

export type ClientEvent<P extends Protocol> = keyof P['client'] & string;
export type Payload<P extends Protocol, E extends ClientEvent<P>> = Input<P['client'][E]['payload']>;
export type Reply<P extends Protocol, E extends ClientEvent<P>> = Output<P['client'][E]['reply']>;
export type Pushed<P extends Protocol, E extends keyof P['server']> = Output<P['server'][E]>;
