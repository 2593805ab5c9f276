import type { Type } from '@nestjs/common';
import type { AnyProtocol } from '../../protocol/index.js';
import type { GatewayOptions } from '../decorators/gateway.decorator.js';
import type { SubscriptionMetadata } from '../decorators/metadata.js';
import type { Method } from '../pipeline/handler-source.js';
import type { ScopedProvider } from '../pipeline/scoped-instances.js';

export interface DefinedMethod {
  readonly name: string;
  readonly method: Method;
}

/** A gateway class as its decorators describe it, and its provider. */
export interface GatewayDefinition {
  /** For a class that is no singleton: an object of it that was not constructed. */
  readonly instance: object;
  /** Undefined for a singleton. */
  readonly scoped: ScopedProvider | undefined;
  readonly metatype: Type;
  readonly wrapperId: string;
  readonly path: string;
  readonly options: GatewayOptions;
  readonly protocols: readonly AnyProtocol[];
  readonly subscriptions: readonly (DefinedMethod & { readonly metadata: SubscriptionMetadata })[];
  /** Those under `@SseEndpoint`. */
  readonly streams: readonly DefinedMethod[];
  readonly connect: readonly DefinedMethod[];
  readonly disconnect: readonly DefinedMethod[];
}
