/**
 * `@SseEndpoint` in gateways: routes below the gateway's path. They are no routes of Nest's, which only
 * controllers have; a middleware runs the method with its enhancers, in a context of type `http`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type MiddlewareConsumer, RequestMethod, type Type } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, ExternalContextCreator, HttpAdapterHost, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import { GATEWAY_METADATA, SSE_METADATA } from '../decorators/metadata.js';
import { InvalidGatewayError } from '../gateway/errors.js';
import { PathPattern } from '../gateway/path-pattern.js';
import { copyMetadata } from '../pipeline/copy-metadata.js';
import type { Method } from '../pipeline/handler-source.js';
import { answerError } from './gateway-error.js';
import { exchangeKeyForValue, prepareRequest } from './gateway-request.js';
import type { SseEndpointOptions } from './sse-options.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Run = (...args: unknown[]) => Promise<unknown>;

@Injectable()
export class GatewayStreams {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly creator: ExternalContextCreator,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** @throws InvalidGatewayError */
  configure(consumer: MiddlewareConsumer): void {
    for (const wrapper of this.discovery.getProviders().filter(isGateway)) {
      const prototype = (wrapper.metatype as Type).prototype as Record<string, Method>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const method = prototype[name]!;
        if (!Reflect.hasMetadata(SSE_METADATA, method)) continue;
        for (const path of pathsOf(wrapper, method)) {
          const handle = this.compile(wrapper, name, method, new PathPattern(path));
          consumer.apply(handle).forRoutes({ path, method: RequestMethod.GET });
        }
      }
    }
  }

  private compile(wrapper: InstanceWrapper, name: string, method: Method, pattern: PathPattern): Handle {
    check(wrapper, name, method);
    const run = this.enhance(this.creator, wrapper, name, method, METHOD);
    const rethrow = copyMetadata(method, (error: unknown) => {
      throw error;
    });
    const filters = this.enhance(passError(this.creator), wrapper, name, rethrow, FILTERS);
    return async (request, response) => {
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
    { instance, id }: InstanceWrapper,
    name: string,
    method: Method,
    steps: typeof METHOD,
  ): Run {
    const params = { exchangeKeyForValue };
    return creator.create(
      instance as object,
      method,
      name,
      ROUTE_ARGS_METADATA,
      params,
      undefined,
      id,
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

const isGateway = ({ metatype, isAlias, inject }: InstanceWrapper): boolean =>
  !!metatype && !isAlias && !inject && Reflect.hasOwnMetadata(GATEWAY_METADATA, metatype);

function check(wrapper: InstanceWrapper, name: string, method: Method): void {
  const where = `${wrapper.name}.${name}`;
  const { method: verb } = Reflect.getMetadata(SSE_METADATA, method) as SseEndpointOptions;
  if (verb === 'POST') throw new InvalidGatewayError(`${where}: in a gateway @SseEndpoint serves GET only`);
  if (wrapper.isDependencyTreeStatic()) return;
  throw new InvalidGatewayError(`${where}: @SseEndpoint is not for request-scoped gateways`);
}

/** The gateway's path, and the endpoint's behind it. */
function pathsOf({ metatype }: InstanceWrapper, method: Method): string[] {
  const { path = '/' } = Reflect.getMetadata(GATEWAY_METADATA, metatype as Type) as GatewayOptions;
  const own = [Reflect.getMetadata(PATH_METADATA, method) as string | string[]].flat();
  return own.map((below) => `/${`${path}/${below}`.split('/').filter(Boolean).join('/')}`);
}
