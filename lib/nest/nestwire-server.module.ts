import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GatewayExplorer } from './gateway/gateway.explorer.js';
import { GatewayServer } from './gateway-server.js';

/**
 * Registers our middleware. Not global, and so apart from `NestwireModule`: the middleware of a global
 * module would run before the application's.
 */
@Module({ imports: [DiscoveryModule], providers: [GatewayExplorer, GatewayServer] })
export class NestwireServerModule implements NestModule {
  constructor(private readonly server: GatewayServer) {}

  configure(consumer: MiddlewareConsumer): void {
    this.server.configure(consumer);
  }
}
