import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { GatewayServer } from './gateway-server.js';
import { GatewayStreams } from './sse/gateway-streams.js';
import { SsePlacement } from './sse/sse-placement.js';
import { SseInterceptor } from './sse/sse.interceptor.js';

/**
 * Registers our middleware. Not global, and so apart from `NestwireModule`: the middleware of a global
 * module would run before the application's.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [GatewayExplorer, GatewayServer, GatewayStreams, SseInterceptor, SsePlacement],
})
export class NestwireServerModule implements NestModule {
  constructor(
    private readonly server: GatewayServer,
    private readonly streams: GatewayStreams,
    private readonly placement: SsePlacement,
  ) {}

  configure(consumer: MiddlewareConsumer): void {
    const placements = this.server.configure(consumer);
    // what is placed here, the streams find there
    this.placement.configure();
    this.streams.configure(consumer, placements);
  }
}
