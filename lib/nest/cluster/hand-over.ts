/**
 * The other side: a client came here whose session another node has. Its connection is taken as it is, bytes for
 * bytes, to that node, which decides about it and serves it as if it had come there.
 */
import type { IncomingMessage } from 'node:http';
import { type SessionTicket, nodeOf } from '../../session/index.js';
import type { ClusterNode } from './cluster-node.js';
import { type ForwardedRequest, forwardRequest, parsedBody } from './forward-request.js';
import type { Tunnel } from './tunnel.js';
import type { NoTunnel } from './tunnels.js';

export class HandOver {
  /** What goes through here, to be ended with this node. */
  private readonly tunnels = new Set<Tunnel>();
  private dialling = 0;
  private isClosed = false;

  /**
   * @param port of the gateways, if they have one of their own; else `APPLICATION_PORT`
   * @param maxDialling clients that wait for another node at a time: whoever makes up the ids of sessions may come
   * by requests that nothing else counts
   */
  constructor(
    private readonly node: ClusterNode,
    private readonly port: number,
    private readonly maxDialling: number,
  ) {}

  /** The node that a client has to go to; undefined when it is here already. */
  ownerOf({ id }: SessionTicket): string | undefined {
    const owner = nodeOf(id);
    return owner === this.node.id ? undefined : owner;
  }

  async reach(owner: string, request: IncomingMessage): Promise<Tunnel | NoTunnel> {
    if (this.isClosed || this.dialling >= this.maxDialling) return 'unreachable';
    this.dialling++;
    const tunnel = await this.dial(owner, request).finally(() => this.dialling--);
    if (typeof tunnel === 'string') return tunnel;
    // meanwhile
    if (this.isClosed) tunnel.destroy();
    if (tunnel.destroyed) return 'unreachable';
    this.tunnels.add(tunnel);
    return tunnel.once('close', () => this.tunnels.delete(tunnel));
  }

  private dial(owner: string, { socket }: IncomingMessage): Promise<Tunnel | NoTunnel> {
    return this.node.dial(owner, {
      remoteAddress: socket.remoteAddress ?? '',
      isEncrypted: 'encrypted' in socket,
      port: this.port,
    });
  }

  /**
   * @returns why the owner has not answered, and nobody has; `leaving`: this node passes nothing on any more
   * @throws HttpRefusal 400 (rejects)
   */
  async request(owner: string, forwarded: ForwardedRequest): Promise<NoTunnel | 'leaving' | undefined> {
    const { request, response } = forwarded;
    const body = parsedBody(request);
    const tunnel = await this.reach(owner, request);
    if (typeof tunnel === 'string') return this.isClosed ? 'leaving' : tunnel;
    if (response.destroyed) tunnel.destroy();
    else if (await forwardRequest(tunnel, forwarded, body)) return undefined;
    if (response.destroyed) return undefined; // its client has left
    if (this.isClosed) return 'leaving';
    // it broke off: was that the end of the owner?
    const again = await this.reach(owner, request);
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
