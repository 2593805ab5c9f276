/**
 * The other side: a client came here whose session another node has. Its connection is taken as it is, bytes for
 * bytes, to that node, which decides about it and serves it as if it had come there.
 */
import type { IncomingMessage } from 'node:http';
import { type SessionTicket, nodeOf } from '../../session/index.js';
import type { ClusterNode } from './cluster-node.js';
import { type ForwardedRequest, forwardRequest } from './forward-request.js';
import type { Tunnel } from './tunnel.js';
import type { NoTunnel } from './tunnels.js';

export class HandOver {
  /** What goes through here, to be ended with this node. */
  private readonly tunnels = new Set<Tunnel>();
  private isClosed = false;

  /** @param port of the gateways, if they have one of their own; else 0 */
  constructor(
    private readonly node: ClusterNode,
    private readonly port: number,
  ) {}

  /** The node that a client has to go to; undefined when it is here already. */
  ownerOf({ id }: SessionTicket): string | undefined {
    const owner = nodeOf(id);
    return owner === this.node.id ? undefined : owner;
  }

  async reach(owner: string, { socket }: IncomingMessage): Promise<Tunnel | NoTunnel> {
    if (this.isClosed) return 'unreachable';
    const tunnel = await this.node.dial(owner, {
      remoteAddress: socket.remoteAddress ?? '',
      isEncrypted: 'encrypted' in socket,
      port: this.port,
    });
    if (typeof tunnel === 'string') return tunnel;
    this.tunnels.add(tunnel);
    if (this.isClosed) tunnel.destroy(); // meanwhile
    return tunnel.once('close', () => this.tunnels.delete(tunnel));
  }

  /** @returns why the owner has not answered, and nobody has */
  async request(owner: string, forwarded: ForwardedRequest): Promise<NoTunnel | undefined> {
    const tunnel = await this.reach(owner, forwarded.request);
    if (typeof tunnel === 'string') return tunnel;
    if (await forwardRequest(tunnel, forwarded)) return undefined;
    if (forwarded.response.destroyed) return undefined; // its client has left
    // it broke off: was that the end of the owner?
    const again = await this.reach(owner, forwarded.request);
    if (typeof again === 'string') return again;
    again.destroy();
    return 'unreachable';
  }

  /** Clients that went through here come back, and reach their sessions through another node. */
  close(): void {
    this.isClosed = true;
    for (const tunnel of [...this.tunnels]) tunnel.destroy();
  }
}
