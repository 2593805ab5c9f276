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
export function explain(error: unknown, pattern: string, sessionId?: string): ExceptionData {
  if (!isPublic(error)) logError(error, pattern, sessionId);
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
    return readAnswer(
      isObservable(answer) ? await firstValueFrom(answer) : answer,
      error,
      pattern,
      session.id,
    );
  } catch (thrown) {
    // Nest's own handler has logged what no filter minded
    if (thrown === error || isPublic(thrown)) return toExceptionData(thrown);
    logError(thrown, `an exception filter of ${pattern}`, session.id);
    return explain(error, pattern, session.id);
  }
}

function readAnswer(answer: unknown, error: unknown, pattern: string, sessionId: string): ExceptionData {
  if (answer instanceof Error) return explain(answer, pattern, sessionId);
  const data = toExceptionData(error);
  if (typeof answer !== 'object' || answer === null) return data;
  return { ...data, ...answer, status: 'error' };
}

/** @param sessionId by which the lines of one client are found */
export function logError(error: unknown, what: string, sessionId?: string): void {
  const whose = sessionId === undefined ? what : `${what} of session ${sessionId}`;
  const { message, stack } = inWords(error);
  logger.error(`${whose} failed: ${message}`, stack);
}

/** Anything may be thrown, and what has no words must not become an error of ours. */
function inWords(error: unknown): { message: string; stack?: string | undefined } {
  try {
    return error instanceof Error
      ? { message: error.message, stack: error.stack }
      : { message: String(error) };
  } catch {
    return { message: `something of type ${typeof error} that cannot be put into words` };
  }
}
