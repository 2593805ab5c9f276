import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type { HandOver } from '../cluster/hand-over.js';
import { takeRequests } from '../http/request-inlet.js';
import type { UpgradeDesk } from '../upgrade/upgrade-desk.js';
import type { GatewayEndpoint } from './gateway-endpoint.js';
import type { OwnServer } from './own-server.js';

const logger = new Logger('Gateway');

export interface SiteParts {
  readonly port: number | undefined;
  readonly endpoints: readonly GatewayEndpoint[];
  readonly desk: UpgradeDesk;
  /** Undefined for those on the application's servers. */
  readonly own: OwnServer | undefined;
  /** To other nodes; undefined where there are none. */
  readonly handOver: HandOver | undefined;
  /** Whether an `@SseEndpoint` of these gateways is reached by a URL. */
  readonly isStream: (url: string) => boolean;
}

/** The gateways that are reached on the same servers: on the application's, or on that of a port. */
export class GatewaySite {
  readonly port: number | undefined;
  readonly endpoints: readonly GatewayEndpoint[];
  readonly desk: UpgradeDesk;
  readonly handOver: HandOver | undefined;
  private readonly releases: (() => void)[] = [];

  constructor(private readonly parts: SiteParts) {
    this.port = parts.port;
    this.endpoints = parts.endpoints;
    this.desk = parts.desk;
    this.handOver = parts.handOver;
  }

  /**
   * Takes clients from now on. Rejects when its port is taken.
   * @param main whose stack of middleware decides about clients, wherever they come in
   * @param others on which the application's gateways are reached too
   */
  async open(main: Server, others: readonly Server[]): Promise<void> {
    const { own } = this.parts;
    for (const server of own ? [own.server] : [main, ...others]) this.attach(server, main);
    const port = await own?.listen();
    for (const { description } of this.endpoints) {
      logger.log(port === undefined ? description : `${description} on port ${port}`);
    }
  }

  private attach(server: Server, main: Server): void {
    const { port, desk, parts } = this;
    desk.attach(server, main);
    if (server === main) return;
    const served = { isGateway: desk.isServed, isStream: parts.isStream };
    this.releases.push(takeRequests(server, { port, stack: main }, served));
  }

  /**
   * Lets go of the servers; the sessions are to be closed before.
   * @param withinMs how long what is still being answered may take
   */
  async close(withinMs: number): Promise<void> {
    await this.parts.own?.close(withinMs);
    for (const release of this.releases.splice(0)) release();
    this.desk.close();
  }
}
