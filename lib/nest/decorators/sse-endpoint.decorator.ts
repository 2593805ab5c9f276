import 'reflect-metadata';
import { Get, HttpCode, Post, Res, UseInterceptors } from '@nestjs/common';
import { HTTP_CODE_METADATA, PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { Observable } from 'rxjs';
import type { Channel } from '../../channel/index.js';
import { copyMetadata } from '../pipeline/copy-metadata.js';
import { feedEndpoint } from '../sse/endpoint-feed.js';
import { exchangeOf } from '../sse/exchange.js';
import { SseInterceptor } from '../sse/sse.interceptor.js';
import { type SseEndpointOptions, checkEndpoint } from '../sse/sse-options.js';
import { SSE_METADATA } from './metadata.js';

/** What a method under `@SseEndpoint` returns. */
export type SseSource = Observable<unknown> | AsyncIterable<unknown> | Channel;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * A route of a controller whose result is a stream: to `EventSource` as `text/event-stream`, to polls
 * (`Accept: application/json`, to wait with `Prefer: wait=<seconds>`) as JSON. Everything that applies to a
 * route applies: guards, pipes, interceptors (to each item), filters, parameter decorators.
 *
 * A `Channel` resumes by `Last-Event-ID` or `?cursor=`. Anything else has one run for each client, unless
 * `replay` shares it. Items are data, or made by `sse()`.
 * @throws InvalidSseOptionsError
 */
export function SseEndpoint(
  path?: string | string[],
  options: SseEndpointOptions = {},
): <M extends (...args: never[]) => SseSource | Promise<SseSource>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void {
  checkEndpoint(options);
  return (target, key, descriptor) => {
    const method = descriptor.value as unknown as Method;
    const place = parameterCount(target, key, method);
    // with the response at hand Nest leaves answering to us
    Res()(target, key, place);
    const wrapper = copyMetadata(method, wrap(method, place, options));
    descriptor.value = wrapper as unknown as NonNullable<typeof descriptor.value>;
    decorate(target, key, descriptor as TypedPropertyDescriptor<unknown>, path, options);
  };
}

function decorate(
  target: object,
  key: string | symbol,
  descriptor: PropertyDescriptor,
  path: string | string[] | undefined,
  options: SseEndpointOptions,
): void {
  const wrapper = descriptor.value as Method;
  Reflect.defineMetadata(SSE_METADATA, options, wrapper);
  UseInterceptors(SseInterceptor)(target, key, descriptor);
  const route = options.method === 'POST' ? Post : Get;
  route(path)(target, key, descriptor);
  // Nest's default for POST is 201, which EventSource and its like refuse
  if (!Reflect.hasMetadata(HTTP_CODE_METADATA, wrapper)) HttpCode(200)(target, key, descriptor);
}

/** Where the first parameter behind those of the method is. */
function parameterCount(target: object, key: string | symbol, method: Method): number {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, target, key) ?? []) as unknown[];
  const decorated = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, key) ?? {}) as Record<
    string,
    { readonly index: number }
  >;
  const places = Object.values(decorated).map(({ index }) => index + 1);
  return Math.max(method.length, types.length, ...places);
}

/** Called by a test, or anything else that is no request, the method is what it was. */
function wrap(method: Method, place: number, options: SseEndpointOptions): Method {
  return function (...args) {
    const exchange = exchangeOf(args[place]);
    if (!exchange) return method.apply(this, args);
    const run = (): unknown => method.apply(this, args.slice(0, place));
    return feedEndpoint(exchange, options, run);
  };
}
