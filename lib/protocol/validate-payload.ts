import { NestwireError } from '../errors/index.js';
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js';

/** One thing that is wrong with a payload: where, as `a.0.b` (empty for the payload itself), and what. */
export interface PayloadIssue {
  readonly path: string;
  readonly message: string;
}

/** A payload that the schema of its message refuses. `issues` holds at most 16 of the schema's findings. */
export class PayloadRefusedError extends NestwireError {
  readonly code = 'VALIDATION_FAILED';
  readonly statusCode = 400;
  readonly issues: readonly PayloadIssue[];

  constructor(event: string, issues: readonly SchemaIssue[]) {
    const readable = readIssues(issues);
    super(`payload of "${event}" refused: ${inWords(readable)}`);
    this.issues = readable;
  }
}

/** A peer decides how many issues there are: its answer must not outgrow its message by far. */
const MAX_ISSUES = 16;

/**
 * Synchronous when the schema is, so that the usual message costs no promise.
 * @throws PayloadRefusedError (or rejects with it)
 */
export function validatePayload(event: string, schema: StandardSchema, payload: unknown): unknown {
  const result = schema['~standard'].validate(payload);
  if (result instanceof Promise) return result.then((settled) => accepted(event, settled));
  return accepted(event, result);
}

function accepted(event: string, result: SchemaResult<unknown>): unknown {
  if (result.issues) throw new PayloadRefusedError(event, result.issues);
  return result.value;
}

export function readIssues(issues: readonly SchemaIssue[]): PayloadIssue[] {
  return Array.from(issues).slice(0, MAX_ISSUES).map(readIssue);
}

/** `Array.from`: arktype's paths are arrays of a class of their own, whose `map` adds to an empty one. */
function readIssue(issue: SchemaIssue): PayloadIssue {
  const keys = Array.from(issue.path ?? [], (part) => String(typeof part === 'object' ? part.key : part));
  return { path: keys.join('.'), message: issue.message };
}

export function inWords(issues: readonly PayloadIssue[]): string {
  return issues.map(issueText).join('; ');
}

function issueText({ path, message }: PayloadIssue): string {
  return path === '' ? message : `${path}: ${message}`;
}
