/**
 * Bounds how long the application's HTTP server may take to close. It belongs to the application, so that as
 * long as there is time nothing is done to its requests: only connections that never carried a byte are ended.
 * What is left when the time of the shutdown is over is closed, whoever's it is.
 */
import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Shutdown } from './shutdown.js';
import { UnusedConnections } from './unused-connections.js';

/** How often it is looked whether Nest has closed the server: there is no event for that. */
const LOOK_MS = 50;

const logger = new Logger('Nestwire');

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
    const looking = setInterval(() => {
      if (server.listening) return; // others may still be in their hooks, and new clients come
      clearInterval(looking);
      this.unused?.destroySilent();
      this.unused?.stop();
    }, LOOK_MS).unref();
    const ending = setTimeout(() => closeAll(server), this.shutdown.leftMs).unref();
    server.once('close', () => {
      clearInterval(looking);
      clearTimeout(ending);
      this.unused?.stop();
    });
  }
}

function closeAll(server: Server): void {
  // HTTP/2 has its own
  if (!('closeAllConnections' in server)) return;
  logger.warn('the time of the shutdown is over: closing the connections that requests are left on');
  server.closeAllConnections();
}
