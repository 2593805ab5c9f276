/**
 * Nest's own enhancers around a method, by its public `ExternalContextCreator`, with two of its public steps
 * replaced: results are not collapsed (it would wait for the last value of an Observable), and pipes run
 * behind the schema, on what parameter decorators take from a client but not on the session itself.
 */
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { ExternalContextCreator } from '@nestjs/core';
import { validatePayload } from '../../protocol/validate-payload.js';
import { type PipelineArguments, ParamType, extractParam } from './arguments.js';
import { noteRefusal } from './exception-data.js';
import type { HandlerSource, Method } from './handler-source.js';

export interface Steps {
  readonly guards: boolean;
  readonly interceptors: boolean;
  readonly filters: boolean;
  /**
   * What the callback gets: the method's own arguments (by its decorators, or session, data and pattern), the
   * same and behind them the `Call`, or the `Call` alone.
   */
  readonly pass: 'arguments' | 'arguments-and-call' | 'call';
}

export type EnhancedMethod = (...args: PipelineArguments) => Promise<unknown>;

/** What Nest knows of a parameter when it hands it to the pipes. */
interface ParamProperties {
  readonly index: number;
  readonly type: number | string;
  readonly data: unknown;
  readonly pipes: readonly PipeTransform[];
  readonly metatype?: unknown;
  readonly schema?: unknown;
  extractValue(...args: unknown[]): unknown;
}

export function enhance(
  creator: ExternalContextCreator,
  source: HandlerSource,
  callback: Method,
  steps: Steps,
): EnhancedMethod {
  const own = Object.create(creator, {
    transformToResult: { value: (result: unknown) => Promise.resolve(result) },
    createPipesFn: {
      value: (pipes: PipeTransform[], params: ParamProperties[]) =>
        steps.pass === 'call' ? passCall : prepareArguments(creator, source, steps.pass, pipes, params),
    },
  }) as ExternalContextCreator;
  return own.create(
    source.instance,
    callback,
    source.methodName,
    ROUTE_ARGS_METADATA,
    { exchangeKeyForValue: exchangeKeyForValue },
    source.contextId,
    source.wrapperId,
    steps,
    'ws',
  ) as EnhancedMethod;
}

function exchangeKeyForValue(type: number, field: unknown, args: unknown[]): unknown {
  const [session, data, , pattern] = args as PipelineArguments;
  return extractParam(type, typeof field === 'string' ? field : undefined, session, data, pattern);
}

type FillArguments = (args: unknown[], ...input: PipelineArguments) => Promise<void>;

/** `args` has a place for each parameter of the method; the callback here is another. */
const passCall: FillArguments = (args, ...[, , call]) => {
  args.splice(0, args.length, call);
  return Promise.resolve();
};

function prepareArguments(
  creator: ExternalContextCreator,
  source: HandlerSource,
  pass: Steps['pass'],
  pipes: readonly PipeTransform[],
  params: readonly ParamProperties[],
): FillArguments {
  const valuesOf = readParams(creator, pipes, params);
  return async (args, ...input) => {
    const [session, , call, pattern] = input;
    try {
      if (source.schema) input[1] = await validatePayload(pattern, source.schema, input[1]);
      if (valuesOf.length === 0) args.push(session, input[1], pattern);
      for (const { index, read } of valuesOf) args[index] = await read(input);
    } catch (error) {
      noteRefusal(error);
      throw error;
    }
    if (pass === 'arguments-and-call') args.push(call);
  };
}

/** Pipes are for what a client sends. */
const NOT_FROM_CLIENT: ReadonlySet<number | string> = new Set([ParamType.request, ParamType.event]);

function readParams(
  creator: ExternalContextCreator,
  pipes: readonly PipeTransform[],
  params: readonly ParamProperties[],
): { index: number; read: (input: PipelineArguments) => unknown }[] {
  // Nest lists them as decorators run, the last parameter first
  const inOrder = [...params].sort((a, b) => a.index - b.index);
  return inOrder.map((param) => {
    const { metatype, type, data, schema } = param;
    const metadata = { metatype, type, data, schema } as ArgumentMetadata;
    const all = NOT_FROM_CLIENT.has(type) ? [] : [...pipes, ...param.pipes];
    return {
      index: param.index,
      read: (input) => creator.getParamValue(param.extractValue(...input), metadata, all),
    };
  });
}
