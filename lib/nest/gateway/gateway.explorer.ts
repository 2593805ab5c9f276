import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import {
  GATEWAY_METADATA,
  LIFECYCLE_METADATA,
  type Lifecycle,
  SSE_METADATA,
  SUBSCRIPTIONS_METADATA,
  type SubscriptionMetadata,
} from '../decorators/metadata.js';
import type { Method } from '../pipeline/handler-source.js';
import type { ScopedProvider } from '../pipeline/scoped-instances.js';
import { checkGateway } from './check-gateway.js';
import type { DefinedMethod, GatewayDefinition } from './gateway-definition.js';
import { type Neighbour, neighboursAmong } from './neighbours.js';

/** Finds the gateways among the application's providers. */
@Injectable()
export class GatewayExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws InvalidGatewayError */
  explore(): GatewayDefinition[] {
    const wrappers = this.discovery.getProviders().filter(isGateway);
    const definitions = wrappers.map((wrapper) => this.define(wrapper));
    definitions.forEach(checkGateway);
    return definitions;
  }

  /** Gateways that are not ours. */
  neighbours(): Neighbour[] {
    return neighboursAmong(this.discovery.getProviders());
  }

  private define(wrapper: InstanceWrapper): GatewayDefinition {
    const metatype = wrapper.metatype as Type;
    const options = Reflect.getMetadata(GATEWAY_METADATA, metatype) as GatewayOptions;
    const methods = this.methodsOf(metatype);
    const scoped = scopedProvider(wrapper, options);
    return {
      instance: scoped
        ? (Object.create(metatype.prototype as object) as object)
        : (wrapper.instance as object),
      scoped,
      metatype,
      wrapperId: wrapper.id,
      path: normalize(options.path ?? '/'),
      options,
      protocols: options.protocols ?? (options.protocol ? [options.protocol] : []),
      subscriptions: methods.flatMap((defined) =>
        subscriptionsOf(defined.method).map((metadata) => ({ ...defined, metadata })),
      ),
      streams: methods.filter(({ method }) => Reflect.hasMetadata(SSE_METADATA, method)),
      connect: methods.filter(({ method }) => lifecycleOf(method) === 'connect'),
      disconnect: methods.filter(({ method }) => lifecycleOf(method) === 'disconnect'),
    };
  }

  private methodsOf(metatype: Type): DefinedMethod[] {
    const prototype = metatype.prototype as Record<string, Method>;
    return this.scanner.getAllMethodNames(prototype).map((name) => ({ name, method: prototype[name]! }));
  }
}

/** A gateway is no singleton when it is request-scoped itself, or anything that it depends on, enhancers too. */
function scopedProvider(
  wrapper: InstanceWrapper,
  { instancePer = 'message' }: GatewayOptions,
): ScopedProvider | undefined {
  if (wrapper.isDependencyTreeStatic()) return undefined;
  return { token: wrapper.token, isDurable: wrapper.isDependencyTreeDurable(), instancePer };
}

/** Own metadata only: a class that extends a gateway is one when it says so itself. */
function isGateway({ metatype, isAlias, inject }: InstanceWrapper): boolean {
  return !!metatype && !isAlias && !inject && Reflect.hasOwnMetadata(GATEWAY_METADATA, metatype);
}

function subscriptionsOf(method: Method): SubscriptionMetadata[] {
  return (Reflect.getMetadata(SUBSCRIPTIONS_METADATA, method) ?? []) as SubscriptionMetadata[];
}

function lifecycleOf(method: Method): Lifecycle | undefined {
  return Reflect.getMetadata(LIFECYCLE_METADATA, method) as Lifecycle | undefined;
}

function normalize(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}
