import type { Server } from 'node:http';
import {
  Inject,
  Injectable,
  type MiddlewareConsumer,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
  RequestMethod,
} from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { Channels } from '../channel/index.js';
import { Deadlines, type Limits, ResumableSessions, type Session } from '../session/index.js';
import type { GatewayAddress } from './gateway/gateway-address.js';
import { Sessions, TOKEN_EVENT, TokenHandler } from './auth/index.js';
import type { ClusterNode } from './cluster/cluster-node.js';
import { LocalSessions } from './cluster/local-sessions.js';
import { Relays } from './cluster/relays.js';
import type { GatewayDefinition } from './gateway/gateway-definition.js';
import { type EndpointSettings, GatewayEndpoint } from './gateway/gateway-endpoint.js';
import { GatewayRuntime } from './gateway/gateway-runtime.js';
import { GatewaySite } from './gateway/gateway-site.js';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { checkNeighbours } from './gateway/neighbours.js';
import { OwnServer } from './gateway/own-server.js';
import { PathPattern } from './gateway/path-pattern.js';
import { pathsBelow } from './gateway/paths-below.js';
import { type Placement, placeGateways } from './gateway/placement.js';
import { routeOf } from './gateway/versions.js';
import { NESTWIRE_LIMITS, NESTWIRE_NODE } from './nestwire.constants.js';
import { NESTWIRE_OPTIONS } from './nestwire.module-definition.js';
import type { NestwireOptions } from './nestwire.options.js';
import type { PipelineContext } from './pipeline/compile-handler.js';
import { HttpDesk } from './http/http-desk.js';
import { connectionSettings } from './upgrade/connection-settings.js';
import type { Platform } from './upgrade/upgrade-attempt.js';
import { DepartingSession, SHUTDOWN_CODE } from './shutdown/departing-session.js';
import type { Departing, ShutdownPart } from './shutdown/shutdown-part.js';
import { Shutdown } from './shutdown/shutdown.js';
import { GatewayStreams } from './sse/gateway-streams.js';
import { UpgradeDesk } from './upgrade/upgrade-desk.js';

interface Served {
  readonly placement: Placement;
  readonly endpoint: GatewayEndpoint;
}

const now = (): number => performance.now();

/** One for all gateways: their requests have the same time. */
function createDeadlines({ messageMs }: Limits): Deadlines | undefined {
  return Number.isFinite(messageMs) ? new Deadlines(messageMs, now) : undefined;
}

/** Serves the gateways of the application on its HTTP servers, from bootstrap to shutdown. */
@Injectable()
export class GatewayServer implements OnApplicationBootstrap, OnModuleDestroy, ShutdownPart {
  private sites: GatewaySite[] = [];
  private httpDesk: HttpDesk | undefined;
  private readonly relays: Relays | undefined;

  constructor(
    @Inject(NESTWIRE_OPTIONS) private readonly options: NestwireOptions,
    @Inject(NESTWIRE_LIMITS) private readonly limits: Limits,
    private readonly explorer: GatewayExplorer,
    private readonly channels: Channels,
    private readonly sessions: Sessions,
    private readonly adapterHost: HttpAdapterHost,
    private readonly contextCreator: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
    private readonly directory: LocalSessions,
    private readonly shutdown: Shutdown,
    private readonly streams: GatewayStreams,
    @Optional() @Inject(NESTWIRE_NODE) node: ClusterNode | undefined,
  ) {
    this.relays = node && new Relays(node, limits);
    shutdown.add(this);
  }

  /**
   * Runs while the application initialises, when all global enhancers are known.
   * @returns where the gateways are reached
   */
  configure(consumer: MiddlewareConsumer): readonly Placement[] {
    const placements = placeGateways(this.explorer.explore(), this.applicationConfig?.getVersioning());
    const served = this.compile(placements);
    checkNeighbours(this.explorer.neighbours(), (path) => this.servedAt(served, path));
    const ports = new Set(placements.map(({ port }) => port));
    this.sites = [...ports].map((port) =>
      this.openSite(
        port,
        served.filter(({ placement }) => placement.port === port),
      ),
    );
    this.httpDesk = this.openHttpDesk();
    for (const { placement, endpoint } of served) {
      const { port, path, version } = placement;
      const { desk } = this.siteOf(port)!;
      consumer
        .apply(desk.middleware(endpoint), this.httpDesk.middleware(endpoint, port))
        .forRoutes(routeOf(path, RequestMethod.ALL, version));
    }
    return placements;
  }

  private siteOf(port: number | undefined): GatewaySite | undefined {
    return this.sites.find((site) => site.port === port);
  }

  /** What is reached where, for documentation; on ports of their own too. */
  addresses(): GatewayAddress[] {
    const placements = placeGateways(this.explorer.explore(), this.applicationConfig?.getVersioning());
    return placements.map(({ path, version, gateways }) => ({
      address: new PathPattern(this.prefixes()[0]! + version.segment + path).template,
      gateways,
    }));
  }

  private compile(placements: readonly Placement[]): Served[] {
    const runtimes = new Map<GatewayDefinition, GatewayRuntime>();
    const context = this.pipelineContext();
    const settings = this.endpointSettings();
    return placements.map((placement) => {
      const gateways = placement.gateways.map((gateway) => {
        const runtime = runtimes.get(gateway) ?? new GatewayRuntime(gateway, context);
        runtimes.set(gateway, runtime);
        return runtime;
      });
      const pattern = new PathPattern(placement.version.segment + placement.path);
      return { placement, endpoint: new GatewayEndpoint(pattern, gateways, settings) };
    });
  }

  /** What is served on a path of the application's own server. */
  private servedAt(served: readonly Served[], path: string): string | undefined {
    const prefixes = this.prefixes();
    return served.find(
      ({ placement, endpoint }) =>
        placement.port === undefined &&
        pathsBelow(prefixes, path).some((below) => endpoint.pattern.match(below)),
    )?.endpoint.description;
  }

  private pipelineContext(): PipelineContext {
    return {
      creator: this.contextCreator,
      config: this.applicationConfig,
      moduleRef: this.moduleRef,
      around: this.options.context,
    };
  }

  private endpointSettings(): EndpointSettings {
    const sessions = new ResumableSessions(this.limits);
    return {
      limits: this.limits,
      connection: connectionSettings(this.options, this.limits),
      membership: this.channels.membership,
      codecs: this.options.codecs ?? [],
      directory: this.directory,
      deadlines: createDeadlines(this.limits),
      now,
      validateOutbound: this.options.validateOutbound ?? false,
      controls: new Map([[TOKEN_EVENT, new TokenHandler(this.sessions)]]),
      sessions,
      locator: sessions,
    };
  }

  private openSite(port: number | undefined, served: readonly Served[]): GatewaySite {
    const endpoints = served.map(({ endpoint }) => endpoint).sort((a, b) => a.pattern.compare(b.pattern));
    const handOver = this.relays?.handOver(port);
    const desk = new UpgradeDesk({
      endpoints,
      prefixes: this.prefixes(),
      origin: this.options.origin ?? 'same',
      handshakeMs: this.limits.handshakeMs,
      platform: this.platform(),
      handOver,
    });
    const own = port === undefined ? undefined : new OwnServer(port, this.limits.handshakeMs);
    return new GatewaySite({ port, endpoints, desk, own, handOver, isStream: this.streamsOn(port) });
  }

  private platform(): Platform {
    const { httpAdapter } = this.adapterHost;
    return {
      isExpress: httpAdapter.getType() === 'express',
      reply: (response, body, status) => void httpAdapter.reply(response, body, status),
    };
  }

  private openHttpDesk(): HttpDesk {
    return new HttpDesk({
      origin: this.options.origin ?? 'same',
      prefixes: this.prefixes(),
      handOverOf: (port) => this.siteOf(port)?.handOver,
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

  /**
   * Upgrades are taken when everything is up: a client never meets a half-built application. Rejects when a
   * port is taken.
   */
  async onApplicationBootstrap(): Promise<void> {
    // Nest types it so, but an application without HTTP has none
    const adapter = this.adapterHost.httpAdapter as typeof this.adapterHost.httpAdapter | undefined;
    const server = adapter?.getHttpServer() as Server | undefined;
    if (!server) return;
    try {
      await this.relays?.open(this.sites, server);
      for (const site of this.sites) await site.open(server, this.options.servers ?? []);
    } catch (error) {
      await this.onModuleDestroy(); // servers that listen already would keep the process alive
      throw error;
    }
  }

  private streamsOn(port: number | undefined): (url: string) => boolean {
    const prefixes = this.prefixes();
    return (url) => this.streams.isServed(port, pathsBelow(prefixes, url));
  }

  /** Hooks of the application's own modules have run before: ours is a global module's. */
  async onModuleDestroy(): Promise<void> {
    await this.shutdown.run();
  }

  /** Who has no connection can't be told: that session ends at once. */
  refuseNewcomers(): Departing[] {
    this.httpDesk?.close();
    for (const { desk, handOver } of this.sites) {
      desk.refuseNewcomers();
      handOver?.close();
    }
    for (const session of this.openSessions) if (!session.isConnected) session.close(SHUTDOWN_CODE);
    return this.openSessions.map((session) => new DepartingSession(session));
  }

  private get endpoints(): GatewayEndpoint[] {
    return this.sites.flatMap(({ endpoints }) => endpoints);
  }

  private get openSessions(): Session[] {
    return this.endpoints.flatMap(({ sessions }) => sessions);
  }

  async emptied(): Promise<void> {
    // a guard or `@OnConnect` may have been busy with them when it began
    for (const session of this.openSessions) session.close(SHUTDOWN_CODE);
    await Promise.all(this.endpoints.map((endpoint) => endpoint.emptied()));
  }

  cutOff(): void {
    for (const session of this.openSessions) session.terminate();
  }

  async close(): Promise<void> {
    await Promise.all(this.sites.map((site) => site.close(this.shutdown.leftMs)));
    this.httpDesk?.letGo();
    this.relays?.close();
  }
}
