/**
 * Bounds how long the application's HTTP server may take to close. It belongs to the application, so that as
 * long as there is time nothing is done to its requests: only connections that carry none are ended.
 * What is left when the time of the shutdown is over is closed, whoever's it is.
 */
import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { endConnections } from './end-connections.js';
import { Shutdown } from './shutdown.js';
import { UnusedConnections } from './unused-connections.js';

@Injectable()
export class ServerEnd implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: Server | undefined;
  private unused: UnusedConnections | undefined;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    // Nest types it so, but an application without HTTP has none
    const adapter = this.adapterHost.httpAdapter as typeof this.adapterHost.httpAdapter | undefined;
    this.server = adapter?.getHttpServer() as Server | undefined;
    if (this.server) this.unused = new UnusedConnections(this.server);
  }

  /** The last hook before Nest closes the server. */
  beforeApplicationShutdown(): void {
    const { server } = this;
    if (!server?.listening) return this.unused?.stop();
    endConnections(server, this.unused!, this.shutdown.leftMs);
  }
}
