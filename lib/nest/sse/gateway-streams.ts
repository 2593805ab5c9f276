/**
 * `@SseEndpoint` in gateways: routes below the gateway's path. They are no routes of Nest's, which only
 * controllers have; a middleware runs the method with its enhancers, in a context of type `http`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type MiddlewareConsumer, RequestMethod } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ExternalContextCreator, HttpAdapterHost } from '@nestjs/core';
import { SSE_METADATA } from '../decorators/metadata.js';
import { InvalidGatewayError } from '../gateway/errors.js';
import type { DefinedMethod, GatewayDefinition } from '../gateway/gateway-definition.js';
import { PathPattern } from '../gateway/path-pattern.js';
import type { Placement } from '../gateway/placement.js';
import { routeOf } from '../gateway/versions.js';
import { portFor } from '../http/request-inlet.js';
import { copyMetadata } from '../pipeline/copy-metadata.js';
import type { Method } from '../pipeline/handler-source.js';
import { answerError } from './gateway-error.js';
import { exchangeKeyForValue, prepareRequest } from './gateway-request.js';
import type { SseEndpointOptions } from './sse-options.js';

type Handle = (request: IncomingMessage, response: ServerResponse, next: () => void) => Promise<void>;

/** Where one of them is reached. */
interface Route {
  readonly port: number | undefined;
  readonly pattern: PathPattern;
}

type Run = (...args: unknown[]) => Promise<unknown>;

@Injectable()
export class GatewayStreams {
  private readonly routes: Route[] = [];

  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * @param placements where the gateways are reached
   * @throws InvalidGatewayError
   */
  configure(consumer: MiddlewareConsumer, placements: readonly Placement[]): void {
    for (const placement of placements) {
      for (const gateway of placement.gateways) {
        for (const defined of gateway.streams) this.place(consumer, placement, gateway, defined);
      }
    }
  }

  /** Whether one is reached by one of these paths, among those on a port. */
  isServed(port: number | undefined, paths: readonly string[]): boolean {
    const own = this.routes.filter((route) => route.port === port);
    return paths.some((path) => own.some(({ pattern }) => pattern.match(path)));
  }

  private place(
    consumer: MiddlewareConsumer,
    { port, path, version }: Placement,
    gateway: GatewayDefinition,
    { name, method }: DefinedMethod,
  ): void {
    check(gateway, name, method);
    for (const below of [Reflect.getMetadata(PATH_METADATA, method) as string | string[]].flat()) {
      const own = joined(path, below);
      const route = { port, pattern: new PathPattern(version.segment + own) };
      this.routes.push(route);
      consumer
        .apply(this.compile(gateway, name, method, route))
        .forRoutes(routeOf(own, RequestMethod.GET, version));
    }
  }

  private compile(
    gateway: GatewayDefinition,
    name: string,
    method: Method,
    { port, pattern }: Route,
  ): Handle {
    const run = this.enhance(this.creator, gateway, name, method, METHOD);
    const rethrow = copyMetadata(method, (error: unknown) => {
      throw error;
    });
    const filters = this.enhance(passError(this.creator), gateway, name, rethrow, FILTERS);
    return async (request, response, next) => {
      if (portFor(request) !== port) return next();
      prepareRequest(request, pattern);
      try {
        await run(request, response);
      } catch (error) {
        const ask = (): Promise<unknown> => filters(request, response, error);
        await answerError(this.adapterHost.httpAdapter, response, error, ask);
      }
    };
  }

  private enhance(
    creator: ExternalContextCreator,
    { instance, wrapperId }: GatewayDefinition,
    name: string,
    method: Method,
    steps: typeof METHOD,
  ): Run {
    const params = { exchangeKeyForValue };
    return creator.create(
      instance,
      method,
      name,
      ROUTE_ARGS_METADATA,
      params,
      undefined,
      wrapperId,
      steps,
      'http',
    ) as Run;
  }
}

/** As in the pipeline of messages, filters are apart: an error may come when the stream has begun. */
const METHOD = { guards: true, interceptors: true, filters: false };
const FILTERS = { guards: false, interceptors: false, filters: true };

/** Gives a callback the error, behind request and response, in place of what parameter decorators take. */
function passError(creator: ExternalContextCreator): ExternalContextCreator {
  const pass = (args: unknown[], ...[, , error]: unknown[]): Promise<void> => {
    args.splice(0, args.length, error);
    return Promise.resolve();
  };
  return Object.create(creator, { createPipesFn: { value: () => pass } }) as ExternalContextCreator;
}

function check({ metatype, scoped }: GatewayDefinition, name: string, method: Method): void {
  const where = `${metatype.name}.${name}`;
  const { method: verb } = Reflect.getMetadata(SSE_METADATA, method) as SseEndpointOptions;
  if (verb === 'POST') throw new InvalidGatewayError(`${where}: in a gateway @SseEndpoint serves GET only`);
  if (scoped) throw new InvalidGatewayError(`${where}: @SseEndpoint is not for request-scoped gateways`);
}

/** The gateway's path, and the endpoint's behind it. */
const joined = (path: string, below: string): string =>
  `/${`${path}/${below}`.split('/').filter(Boolean).join('/')}`;
