import { Injectable, Scope, SetMetadata, applyDecorators } from '@nestjs/common';
import { ENTRY_PROVIDER_WATERMARK } from '@nestjs/common/constants.js';
import type { AnyProtocol, Codec } from '../../protocol/index.js';
import type { OriginPolicy } from '../../transport/websocket/index.js';
import type { InstancePer } from '../pipeline/scoped-instances.js';
import type { GatewayVersion } from '../gateway/versions.js';
import { GATEWAY_METADATA } from './metadata.js';

export interface GatewayOptions {
  /**
   * Where clients connect: `/chat`, with parameters (`/chat/:room`), or with the rest of the path as the
   * last one (`/files/*path`). A global prefix goes before it. Default `/`.
   */
  readonly path?: string;
  /**
   * The version, or versions, of an application that has its URIs versioned: `'1'` is reached at `/v1/chat`.
   * Default: the application's default version.
   */
  readonly version?: GatewayVersion | readonly GatewayVersion[];
  /**
   * A port of its own, with an HTTP server on all addresses, where nothing but gateways is served. A function
   * is asked when the application initialises, with its configuration loaded. 0 takes a free one, which the
   * log tells. Default: the application's port.
   */
  readonly port?: number | (() => number);
  /** What its clients speak. The same as `protocols` with one entry. */
  readonly protocol?: AnyProtocol;
  /** Several protocols, or versions of one; the first is for clients that offer none. */
  readonly protocols?: readonly AnyProtocol[];
  /** Answers clients that offer no protocol with 400. Default false: they get the first one. */
  readonly requireProtocol?: boolean;
  /**
   * For a gateway without protocols: what its messages are, in place of JSON. `raw` for clients that speak no
   * envelope. With protocols the client chooses among JSON and the module's `codecs`.
   */
  readonly codec?: Codec;
  /** Messages of one session that run at a time. Default 1: each waits for the one before. */
  readonly concurrency?: number;
  /**
   * How long an instance of the class serves: `message`, or `session`, from connecting to disconnecting.
   * Default: one instance for the application; or one per message, if the gateway depends on something that
   * is request-scoped. What is injected as `REQUEST` is the session.
   */
  readonly instancePer?: InstancePer;
  /** Which origins may connect; overrides the module's. */
  readonly origin?: OriginPolicy;
}

/**
 * Makes a class the gateway of a path. Its handlers are methods under `@Subscribe`; guards, pipes,
 * interceptors and filters apply as they do to a controller. List it among the `providers` of a module.
 */
export function Gateway(pathOrOptions: string | GatewayOptions = {}): ClassDecorator {
  const options = typeof pathOrOptions === 'string' ? { path: pathOrOptions } : pathOrOptions;
  return applyDecorators(
    Injectable(options.instancePer && { scope: Scope.REQUEST }),
    SetMetadata(GATEWAY_METADATA, options),
    // has Nest tie global enhancers that are request-scoped to the class, as it does for controllers
    SetMetadata(ENTRY_PROVIDER_WATERMARK, true),
  );
}
