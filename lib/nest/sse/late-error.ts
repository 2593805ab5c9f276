/** An error that comes when the event stream has begun, as an event. */
import { HttpException } from '@nestjs/common';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import { toExceptionData } from '../pipeline/exception-data.js';
import type { RecordedAnswer } from './answer-recorder.js';

/** What filters made of it; what nobody did anything about is told as it would be to a gateway's client. */
export function explainLate(error: unknown, answer: RecordedAnswer | undefined): ExceptionData {
  const body = answer?.body;
  const isOwn = error instanceof HttpException && body === error.getResponse();
  if (isOwn || typeof body !== 'object' || body === null) return toExceptionData(error);
  const given = body as Record<string, unknown>;
  const status = answer?.status ?? given['statusCode'];
  const shaped = new HttpException(given, isErrorStatus(status) ? status : 500);
  return { ...given, ...toExceptionData(shaped) };
}

function isErrorStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
}
