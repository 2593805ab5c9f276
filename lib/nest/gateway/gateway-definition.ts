import type { Type } from '@nestjs/common';
import type { AnyProtocol } from '../../protocol/index.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import type { SubscriptionMetadata } from '../decorators/metadata.js';
import type { Method } from '../pipeline/handler-source.js';

export interface DefinedMethod {
  readonly name: string;
  readonly method: Method;
}

/** A gateway class as its decorators describe it, and its instance. */
export interface GatewayDefinition {
  readonly instance: object;
  readonly metatype: Type;
  readonly wrapperId: string;
  readonly path: string;
  readonly options: GatewayOptions;
  readonly protocols: readonly AnyProtocol[];
  readonly subscriptions: readonly (DefinedMethod & { readonly metadata: SubscriptionMetadata })[];
  readonly connect: readonly DefinedMethod[];
  readonly disconnect: readonly DefinedMethod[];
}
