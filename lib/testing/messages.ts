import type { AnyProtocol, SchemaOutput, ServerEvent } from '../protocol/index.js';

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
