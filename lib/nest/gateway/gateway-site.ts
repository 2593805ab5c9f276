import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type { UpgradeDesk } from '../upgrade/upgrade-desk.js';
import type { HandOver } from '../cluster/hand-over.js';
import type { GatewayEndpoint } from './gateway-endpoint.js';
import type { OwnServer } from './own-server.js';

const logger = new Logger('Gateway');

/** The gateways that are reached on the same servers: on the application's, or on that of a port. */
export class GatewaySite {
  /** @param own undefined for those on the application's servers */
  constructor(
    readonly port: number | undefined,
    readonly endpoints: readonly GatewayEndpoint[],
    readonly desk: UpgradeDesk,
    private readonly own: OwnServer | undefined,
    readonly handOver: HandOver | undefined,
  ) {}

  /**
   * Takes clients from now on.
   * @param main whose stack of middleware decides about clients, wherever they come in
   * @param others on which the application's gateways are reached too
   */
  async open(main: Server, others: readonly Server[]): Promise<void> {
    const servers = this.own ? [this.own.server] : [main, ...others];
    for (const server of servers) this.desk.attach(server, main);
    const port = await this.own?.listen();
    for (const { description } of this.endpoints) {
      logger.log(port === undefined ? description : `${description} on port ${port}`);
    }
  }

  /** Lets go of the servers; the sessions are to be closed before. */
  async close(): Promise<void> {
    this.desk.close();
    await this.own?.close();
  }
}
