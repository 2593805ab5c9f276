/** What a node does for the gateways of its application: it hands clients over, and takes those of other nodes. */
import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Limits } from '../../session/index.js';
import type { ClusterNode } from './cluster-node.js';
import { HandOver } from './hand-over.js';
import { RelayServer } from './relay-server.js';
import { APPLICATION_PORT } from './visitor.js';

/** The gateways that are reached on one port. */
export interface RelayedSite {
  /** Undefined: on the application's. */
  readonly port: number | undefined;
  readonly desk: {
    attach(server: Server, stack: Server): void;
    isServed(url: string): boolean;
  };
}

const logger = new Logger('Gateway');

export class Relays {
  private readonly servers = new Map<number, RelayServer>();

  constructor(
    private readonly node: ClusterNode,
    private readonly limits: Limits,
  ) {
    node.acceptBy((tunnel) => this.servers.get(tunnel.visitor.port)?.accept(tunnel) === true);
  }

  handOver(port: number | undefined): HandOver {
    return new HandOver(this.node, port ?? APPLICATION_PORT, this.limits.pendingHandshakes);
  }

  /** Others hand clients over from now on. @param main whose stack of middleware decides about clients */
  async open(sites: readonly RelayedSite[], main: Server): Promise<void> {
    for (const { port, desk } of sites) {
      const server = new RelayServer({
        limits: this.limits,
        node: this.node.id,
        inlet: { port, stack: main },
        isGateway: (url) => desk.isServed(url),
      });
      desk.attach(server.server, main);
      this.servers.set(port ?? APPLICATION_PORT, server);
    }
    await this.node.open().catch((error: unknown) => {
      logger.warn(`other nodes do not reach this one yet: ${(error as Error).message}`);
    });
  }

  /** To be called when the sessions are closed. */
  close(): void {
    for (const server of this.servers.values()) server.close();
    this.node.close();
  }
}
