import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MemoryBroker } from '../broker/memory/index.js';
import { type Broker, Channels } from '../channel/index.js';
import { resolveLimits } from '../session/index.js';
import { Sessions, Tickets, principalOfUser } from './auth/index.js';
import { ClusterNode } from './cluster/cluster-node.js';
import { LocalSessions } from './cluster/local-sessions.js';
import { NESTWIRE_BROKER, NESTWIRE_LIMITS, NESTWIRE_NODE } from './nestwire.constants.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableModuleClass,
  NESTWIRE_OPTIONS,
  type OPTIONS_TYPE,
} from './nestwire.module-definition.js';
import type { NestwireOptions } from './nestwire.options.js';
import { NestwireServerModule } from './nestwire-server.module.js';
import { NestwireHealth } from './health/nestwire-health.js';
import { ServerEnd } from './shutdown/server-end.js';
import { Shutdown } from './shutdown/shutdown.js';
import { SseServer } from './sse/sse-server.js';

/**
 * Serves the application's gateways and makes `Channels`, `Sessions` and `Tickets` injectable
 * everywhere. Import it once, in the root
 * module: `NestwireModule.forRoot()`.
 */
@Global()
@Module({
  imports: [NestwireServerModule],
  providers: [
    {
      provide: NESTWIRE_LIMITS,
      useFactory: ({ limits }: NestwireOptions) => resolveLimits(limits),
      inject: [NESTWIRE_OPTIONS],
    },
    {
      provide: NESTWIRE_BROKER,
      useFactory: ({ broker }: NestwireOptions) => broker ?? new MemoryBroker(),
      inject: [NESTWIRE_OPTIONS],
    },
    {
      provide: NESTWIRE_NODE,
      // by itself a process has no others to talk to
      useFactory: ({ broker }: NestwireOptions) => broker?.mailboxes && new ClusterNode(broker.mailboxes),
      inject: [NESTWIRE_OPTIONS],
    },
    LocalSessions,
    {
      provide: Channels,
      useFactory: (broker: Broker, sessions: Sessions) =>
        new Channels(
          broker,
          (session) => sessions.principalOf(session) ?? principalOfUser(session.user) ?? session.id,
        ),
      inject: [NESTWIRE_BROKER, Sessions],
    },
    Sessions,
    {
      provide: Tickets,
      useFactory: ({ tickets }: NestwireOptions, node?: ClusterNode) => new Tickets(tickets, node),
      inject: [NESTWIRE_OPTIONS, { token: NESTWIRE_NODE, optional: true }],
    },
    Shutdown,
    ServerEnd,
    NestwireHealth,
    SseServer,
  ],
  exports: [
    Channels,
    Sessions,
    Tickets,
    LocalSessions,
    NESTWIRE_OPTIONS,
    NESTWIRE_LIMITS,
    NESTWIRE_NODE,
    Shutdown,
    NestwireHealth,
    SseServer,
  ],
})
export class NestwireModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(NESTWIRE_BROKER) private readonly broker: Broker) {
    super();
  }

  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /** Last of all: `onModuleDestroy` of others, and `@OnDisconnect`, may still publish. */
  async onApplicationShutdown(): Promise<void> {
    await this.broker.close();
  }
}
