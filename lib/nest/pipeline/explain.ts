/** From what was thrown to what the client is told. */
import { Logger } from '@nestjs/common';
import { firstValueFrom, isObservable } from 'rxjs';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import type { GatewaySession } from '../../session/index.js';
import { isPublic, toExceptionData } from './exception-data.js';

const logger = new Logger('Gateway');

/** Asks the exception filters about an error; rejects with what they throw, the error itself if none minds. */
export type AskFilters = (
  error: unknown,
  session: GatewaySession,
  data: unknown,
  pattern: string,
) => Promise<unknown>;

/** Without filters: at once. An error that is not made for clients is logged. */
export function explain(error: unknown, pattern: string): ExceptionData {
  if (!isPublic(error)) logError(error, pattern);
  return toExceptionData(error);
}

/**
 * A filter may throw another exception, or return one, or return an object whose fields replace those of the
 * exception's data. It cannot turn a failure into a success; that is an interceptor's business. Never rejects.
 */
export async function explainByFilters(
  ask: AskFilters,
  error: unknown,
  session: GatewaySession,
  data: unknown,
  pattern: string,
): Promise<ExceptionData> {
  try {
    const answer = await ask(error, session, data, pattern);
    return readAnswer(isObservable(answer) ? await firstValueFrom(answer) : answer, error, pattern);
  } catch (thrown) {
    // Nest's own handler has logged what no filter minded
    if (thrown === error || isPublic(thrown)) return toExceptionData(thrown);
    logError(thrown, `an exception filter of ${pattern}`);
    return explain(error, pattern);
  }
}

function readAnswer(answer: unknown, error: unknown, pattern: string): ExceptionData {
  if (answer instanceof Error) return explain(answer, pattern);
  const data = toExceptionData(error);
  if (typeof answer !== 'object' || answer === null) return data;
  return { ...data, ...answer, status: 'error' };
}

export function logError(error: unknown, what: string): void {
  const message = error instanceof Error ? error.message : String(error);
  logger.error(`${what} failed: ${message}`, error instanceof Error ? error.stack : undefined);
}
