/** What a client is told about an exception: never more than the exception was made to tell. */
import { HttpException, HttpStatus } from '@nestjs/common';
import { NestwireError } from '../../errors/index.js';
import { PayloadRefusedError } from '../../protocol/index.js';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import { VALIDATION_FAILED } from '../../session/index.js';

const INTERNAL: ExceptionData = Object.freeze({
  status: 'error',
  statusCode: 500,
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Internal server error',
});

/** Exceptions by which a pipe refused what the client sent. */
const refusals = new WeakSet<HttpException>();

/** Notes that `error` came out of a pipe: then its code is that of a refused payload. */
export function noteRefusal(error: unknown): void {
  if (error instanceof HttpException && error.getStatus() === (HttpStatus.BAD_REQUEST as number)) {
    refusals.add(error);
  }
}

/** Whether the exception was made for clients; what is not, is logged, and a client learns nothing of it. */
export function isPublic(error: unknown): boolean {
  return error instanceof HttpException || isWsException(error) || hasStatus(error);
}

export function toExceptionData(error: unknown): ExceptionData {
  if (error instanceof HttpException) return fromHttpException(error);
  if (isWsException(error)) return fromWsException(error);
  if (hasStatus(error)) return fromNestwireError(error);
  return INTERNAL;
}

function fromHttpException(error: HttpException): ExceptionData {
  const statusCode = error.getStatus();
  const response = error.getResponse();
  const body = typeof response === 'string' ? { message: response } : (response as Record<string, unknown>);
  const messages = Array.isArray(body['message']) ? (body['message'] as unknown[]) : undefined;
  const details = body['details'] ?? messages;
  return {
    status: 'error',
    statusCode,
    code: codeOf(error, body['code'], statusCode),
    message: messages?.join('; ') ?? asText(body['message'], error.message),
    ...(details !== undefined && { details }),
  };
}

function codeOf(error: HttpException, given: unknown, statusCode: number): string {
  if (typeof given === 'string') return given;
  return refusals.has(error) ? VALIDATION_FAILED : codeOfStatus(statusCode);
}

function codeOfStatus(statusCode: number): string {
  return HttpStatus[statusCode] ?? 'ERROR';
}

function asText(message: unknown, otherwise: string): string {
  return typeof message === 'string' ? message : otherwise;
}

interface WsExceptionLike extends Error {
  getError(): unknown;
}

/** `@nestjs/websockets` is optional, so its exception is known by its shape. */
function isWsException(error: unknown): error is WsExceptionLike {
  return error instanceof Error && typeof (error as Partial<WsExceptionLike>).getError === 'function';
}

function fromWsException(error: WsExceptionLike): ExceptionData {
  const given = error.getError();
  const fields = typeof given === 'object' && given !== null ? given : { message: given };
  const base = { statusCode: 400, code: 'WS_EXCEPTION', message: error.message, ...fields };
  return { ...base, message: asText(base.message, error.message), status: 'error' };
}

type ErrorWithStatus = NestwireError & { readonly statusCode: number };

function hasStatus(error: unknown): error is ErrorWithStatus {
  return error instanceof NestwireError && typeof (error as Partial<ErrorWithStatus>).statusCode === 'number';
}

function fromNestwireError(error: ErrorWithStatus): ExceptionData {
  const { statusCode, code, message } = error;
  const details = error instanceof PayloadRefusedError ? { details: error.issues } : {};
  return { status: 'error', statusCode, code, message, ...details };
}
