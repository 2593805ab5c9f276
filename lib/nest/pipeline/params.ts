/** Reads what parameter decorators say about a method, for handlers that run without Nest's pipeline. */
import { CUSTOM_ROUTE_ARGS_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { GatewaySession } from '../../session/index.js';
import { extractParam, signalOf } from './arguments.js';
import type { HandlerSource } from './handler-source.js';

interface ParamMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  /** Nest 12: a Standard Schema for its own pipe. */
  readonly schema?: unknown;
  /** Of a custom decorator. */
  readonly factory?: unknown;
}

/** A parameter whose value is taken from session or data as it is. */
interface PlainParam {
  readonly index: number;
  readonly type: number;
  readonly field: string | undefined;
}

type Arguments = (session: GatewaySession, data: unknown, pattern: string) => unknown[];

/** @returns undefined when a parameter needs Nest: a custom decorator, or pipes of its own */
export function plainArguments(source: HandlerSource): Arguments | undefined {
  const entries = Object.entries(paramsOf(source));
  if (entries.length === 0) return (session, data, pattern) => [session, data, pattern];
  if (!entries.every(([key, param]) => isPlain(key, param))) return undefined;
  return takeArguments(entries.map(([key, param]) => readParam(key, param)));
}

/** Whether a parameter is an `AbortSignal`. */
export function hasSignal(source: HandlerSource): boolean {
  return Object.values(paramsOf(source)).some(({ factory }) => factory === signalOf);
}

function paramsOf({ metatype, methodName }: HandlerSource): Record<string, ParamMetadata> {
  const metadata = Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, methodName) as unknown;
  return (metadata ?? {}) as Record<string, ParamMetadata>;
}

function isPlain(key: string, { pipes, schema }: ParamMetadata): boolean {
  return !key.includes(CUSTOM_ROUTE_ARGS_METADATA) && (pipes ?? []).length === 0 && schema === undefined;
}

function readParam(key: string, { index, data }: ParamMetadata): PlainParam {
  const field = typeof data === 'string' ? data : undefined;
  return { index, type: Number(key.split(':', 1)[0]), field };
}

function takeArguments(params: readonly PlainParam[]): Arguments {
  const count = Math.max(...params.map(({ index }) => index)) + 1;
  return (session, data, pattern) => {
    const values = new Array<unknown>(count).fill(undefined);
    for (const { index, type, field } of params) {
      values[index] = extractParam(type, field, session, data, pattern);
    }
    return values;
  };
}
