/**
 * A balancer of TCP connections that knows nothing of sessions: each goes to the next node that says it is
 * ready. And the network behind it, with what networks do.
 */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PROBE_MS = 100;
const PROBE_TIMEOUT_MS = 1_000;

export class Balancer {
  readonly links = new Set<Link>();
  private readonly server: Server;
  private ready: readonly number[];
  private turn = 0;
  private isStopped = false;
  private probing: Promise<void> | undefined;

  private constructor(private readonly ports: readonly number[]) {
    this.ready = ports;
    this.server = createServer((client) => this.accept(client));
  }

  /** @param ports of nodes, which say at `/ready` whether they want clients */
  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    balancer.probing = balancer.probe();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async probe(): Promise<void> {
    while (!this.isStopped) {
      const answers = await Promise.all(this.ports.map(isReady));
      this.ready = this.ports.filter((_port, i) => answers[i]);
      await pause(PROBE_MS);
    }
  }

  private accept(client: Socket): void {
    const port = this.ready[this.turn++ % this.ready.length];
    if (port === undefined) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const link = new Link(client, connect(port, '127.0.0.1'), () => this.links.delete(link));
    this.links.add(link);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.probing;
    this.server.close();
    for (const link of this.links) link.reset();
    await once(this.server, 'close');
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { ok } = await fetch(`http://127.0.0.1:${port}/ready`, {
      headers: { Connection: 'close' },
      signal,
    });
    return ok;
  } catch {
    return false;
  }
}

/** One connection through the balancer. */
export class Link {
  /** What was asked for last. */
  path = '';
  private isMute = false;
  private isHeld = false;

  constructor(
    private readonly client: Socket,
    private readonly node: Socket,
    private readonly closed: () => void,
  ) {
    client.on('data', (bytes: Buffer) => {
      this.path = /^[A-Z]+ (\S+) HTTP/.exec(bytes.toString('latin1', 0, 256))?.[1] ?? this.path;
    });
    this.join(client, node);
    this.join(node, client);
  }

  private join(from: Socket, to: Socket): void {
    from.on('error', () => undefined);
    from.on('data', (bytes: Buffer) => {
      if (this.isMute) return;
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => {
      if (!this.isHeld || from !== this.node) from.resume();
    });
    from.on('end', () => !this.isMute && to.end());
    from.on('close', () => {
      if (!this.isMute) to.destroy();
      if (to.destroyed) this.closed();
    });
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.node.resetAndDestroy();
    this.closed();
  }

  /** From now on everything gets lost, each way, and neither side hears of the other's end. */
  mute(): void {
    this.isMute = true;
  }

  /** Nothing more of the node is read; what it sends piles up there. */
  hold(): void {
    this.isHeld = true;
    this.node.pause();
  }

  release(): void {
    this.isHeld = false;
    this.node.resume();
  }
}
