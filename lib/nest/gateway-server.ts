import type { Server } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type MiddlewareConsumer,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  RequestMethod,
} from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { Channels } from '../channel/index.js';
import type { Limits } from '../session/index.js';
import { Sessions, TOKEN_EVENT, TokenHandler } from './auth/index.js';
import type { GatewayDefinition } from './gateway/gateway-definition.js';
import { GatewayEndpoint } from './gateway/gateway-endpoint.js';
import { GatewayRuntime } from './gateway/gateway-runtime.js';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { PathPattern } from './gateway/path-pattern.js';
import { NESTWIRE_LIMITS } from './nestwire.constants.js';
import { NESTWIRE_OPTIONS } from './nestwire.module-definition.js';
import type { NestwireOptions } from './nestwire.options.js';
import { connectionSettings } from './upgrade/connection-settings.js';
import { UpgradeDesk } from './upgrade/upgrade-desk.js';

/** WIRE §8. */
const SHUTDOWN_CODE = 1012;

/** Serves the gateways of the application on its HTTP server, from bootstrap to shutdown. */
@Injectable()
export class GatewayServer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Gateway');
  private endpoints: GatewayEndpoint[] = [];
  private desk: UpgradeDesk | undefined;

  constructor(
    @Inject(NESTWIRE_OPTIONS) private readonly options: NestwireOptions,
    @Inject(NESTWIRE_LIMITS) private readonly limits: Limits,
    private readonly explorer: GatewayExplorer,
    private readonly channels: Channels,
    private readonly sessions: Sessions,
    private readonly adapterHost: HttpAdapterHost,
    private readonly contextCreator: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** Runs while the application initialises, when all global enhancers are known. */
  configure(consumer: MiddlewareConsumer): void {
    this.endpoints = this.compile(this.explorer.explore());
    this.desk = this.openDesk();
    for (const endpoint of this.endpoints) {
      const { path } = endpoint.pattern;
      consumer.apply(this.desk.middleware(endpoint)).forRoutes({ path, method: RequestMethod.ALL });
    }
  }

  private compile(definitions: readonly GatewayDefinition[]): GatewayEndpoint[] {
    const context = { creator: this.contextCreator, config: this.applicationConfig };
    const settings = {
      limits: this.limits,
      connection: connectionSettings(this.options, this.limits),
      membership: this.channels.membership,
      controls: new Map([[TOKEN_EVENT, new TokenHandler(this.sessions)]]),
    };
    const paths = [...new Set(definitions.map(({ path }) => path))];
    return paths
      .map((path) => {
        const gateways = definitions.filter((gateway) => gateway.path === path);
        const runtimes = gateways.map((gateway) => new GatewayRuntime(gateway, context));
        return new GatewayEndpoint(new PathPattern(path), runtimes, settings);
      })
      .sort((a, b) => a.pattern.compare(b.pattern));
  }

  private openDesk(): UpgradeDesk {
    return new UpgradeDesk({
      endpoints: this.endpoints,
      prefixes: this.prefixes(),
      origin: this.options.origin ?? 'same',
      handshakeMs: this.limits.handshakeMs,
      reply: (response, body, status) => void this.adapterHost.httpAdapter.reply(response, body, status),
    });
  }

  /** Some paths may be excluded from the global prefix: Nest knows which, and answers 404 on the others. */
  private prefixes(): string[] {
    const prefix = this.applicationConfig?.getGlobalPrefix() ?? '';
    if (prefix === '') return [''];
    const own = `/${prefix.replace(/^\/+|\/+$/g, '')}`;
    return this.applicationConfig?.getGlobalPrefixOptions().exclude?.length ? [own, ''] : [own];
  }

  /** Not injectable; reading it is all that is done with it. */
  private get applicationConfig(): ApplicationConfig | undefined {
    return this.moduleRef['container'].applicationConfig;
  }

  /** Upgrades are taken when everything is up: a client never meets a half-built application. */
  onApplicationBootstrap(): void {
    // Nest types it so, but an application without HTTP has none
    const adapter = this.adapterHost.httpAdapter as typeof this.adapterHost.httpAdapter | undefined;
    const server = adapter?.getHttpServer() as Server | undefined;
    if (!server || this.endpoints.length === 0) return;
    this.desk?.attach(server);
    for (const endpoint of this.endpoints) this.logger.log(endpoint.description);
  }

  /** Hooks of the application's own modules have run before: ours is a global module's. */
  async onModuleDestroy(): Promise<void> {
    this.desk?.close();
    await Promise.all(this.endpoints.map((endpoint) => endpoint.close(SHUTDOWN_CODE, '')));
  }
}
