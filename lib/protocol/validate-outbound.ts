/** Checks what a server is about to send. Not with a payload's error: this one is nobody's business but its own. */
import { NestwireError } from '../errors/index.js';
import type { SchemaResult, StandardSchema } from './standard-schema.js';
import { type PayloadIssue, inWords, readIssues } from './validate-payload.js';

/** An answer, an item or a push that the protocol's schema refuses. It was not sent. */
export class OutboundRefusedError extends NestwireError {
  readonly code = 'OUTBOUND_REFUSED';

  /** @param issues at most 16 of the schema's findings; empty when there is no schema for it */
  constructor(
    what: string,
    reason: string,
    readonly issues: readonly PayloadIssue[] = [],
  ) {
    super(`${what} refused: ${reason}`);
  }
}

/**
 * Gives the value back as it was: the receiver's schema makes of it what there is to be made.
 * @param what for the error: `answer to "send"`
 * @returns a promise when the schema is asynchronous
 * @throws OutboundRefusedError (or rejects with it)
 */
export function validateOutbound(what: string, schema: StandardSchema, value: unknown): unknown {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) return result.then((settled) => accepted(what, settled, value));
  return accepted(what, result, value);
}

function accepted(what: string, { issues }: SchemaResult<unknown>, value: unknown): unknown {
  if (!issues) return value;
  const readable = readIssues(issues);
  throw new OutboundRefusedError(what, inWords(readable), readable);
}
