/** From what a guard or `@OnConnect` threw to the HTTP answer that refuses the client. */
import { HttpException } from '@nestjs/common';
import { isPublic, toExceptionData } from '../pipeline/exception-data.js';
import { type AskFilters, logError } from '../pipeline/explain.js';
import { CONNECT_PATTERN } from '../pipeline/arguments.js';
import type { GatewaySession } from '../../session/index.js';

export interface Refusal {
  readonly status: number;
  readonly body: object;
  /** Further headers of the answer. */
  readonly headers?: RefusalHeaders | undefined;
}

type RefusalHeaders = Readonly<Record<string, string>>;

/** A client that is refused, already explained. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refusal) {
    super(`refused with ${refusal.status}`);
  }
}

/** Filters shape the answer, whatever they do: a refusal stays one. */
export async function toRefusedError(
  error: unknown,
  session: GatewaySession,
  filters: AskFilters | undefined,
): Promise<RefusedError> {
  if (!filters) return refused(refusalFor(error));
  try {
    return refused(shaped(await filters(error, session, undefined, CONNECT_PATTERN), error));
  } catch (thrown) {
    const isKnown = thrown === error || isPublic(thrown);
    if (!isKnown) logError(thrown, 'an exception filter of a gateway');
    return refused(refusalFor(isKnown ? thrown : error));
  }
}

/** What an application says of a refusal may be no JSON, and whoever answers could only break off then. */
function refused(refusal: Refusal): RefusedError {
  try {
    JSON.stringify(refusal.body);
    return new RefusedError(refusal);
  } catch (error) {
    return new RefusedError(refusalFor(error));
  }
}

function shaped(answer: unknown, error: unknown): Refusal {
  if (answer instanceof Error) return refusalFor(answer);
  const refusal = refusalFor(error);
  if (typeof answer !== 'object' || answer === null) return refusal;
  const { statusCode } = answer as { statusCode?: unknown };
  return { ...refusal, status: isErrorStatus(statusCode) ? statusCode : refusal.status, body: answer };
}

function isErrorStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof HttpException) return fromHttpException(error);
  if (!isPublic(error)) logError(error, 'accepting a client');
  const { statusCode, message } = toExceptionData(error);
  return { status: statusCode, body: { statusCode, message } };
}

function fromHttpException(error: HttpException): Refusal {
  const statusCode = error.getStatus();
  const status = isErrorStatus(statusCode) ? statusCode : 500;
  const response = error.getResponse();
  return {
    status,
    body: typeof response === 'string' ? { statusCode: status, message: response } : response,
    headers: (error as { headers?: RefusalHeaders }).headers,
  };
}
