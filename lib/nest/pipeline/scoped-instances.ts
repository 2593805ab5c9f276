/**
 * Instances of a gateway that is request-scoped, or depends on something that is.
 *
 * Nest keeps what it makes for a context in WeakMaps by `ContextId`, and so do we for sessions: instances are
 * gone with their message or their session, whatever way that ends.
 */
import type { InjectionToken } from '@nestjs/common';
import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { GatewaySession } from '../../session/index.js';

/** How long an instance serves. */
export type InstancePer = 'message' | 'session';

/** What is known of the provider. */
export interface ScopedProvider {
  readonly token: InjectionToken;
  /** Everything request-scoped in it is durable: an application's `ContextIdStrategy` shares its instances. */
  readonly isDurable: boolean;
  readonly instancePer: InstancePer;
}

export class ScopedInstances {
  private readonly ofSessions = new WeakMap<GatewaySession, ContextId>();

  constructor(
    private readonly provider: ScopedProvider,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** Connecting and disconnecting count as messages. */
  contextFor(session: GatewaySession): ContextId {
    if (this.provider.instancePer === 'message') return this.createContext(session);
    const known = this.ofSessions.get(session);
    if (known) return known;
    const created = this.createContext(session);
    this.ofSessions.set(session, created);
    return created;
  }

  /** What is injected as `REQUEST` is the session; in durable providers the payload of the strategy. */
  private createContext(session: GatewaySession): ContextId {
    const contextId = ContextIdFactory.getByRequest(session);
    const request: unknown = this.provider.isDurable ? contextId.payload : session;
    this.moduleRef.registerRequestByContextId(request, contextId);
    return contextId;
  }

  /** Rejects with what a constructor or a factory throws. */
  resolve(contextId: ContextId): Promise<object> {
    return this.moduleRef.resolve<object>(this.provider.token as string, contextId, { strict: false });
  }
}
