/**
 * A TCP balancer as orchestrators have them: who comes is sent to a node that says it is ready, and stays with
 * it by a port of its own as long as that is so (requests of one session have to reach one node).
 */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Target {
  readonly port: number;
}

const PROBE_MS = 100;

export class Balancer {
  private readonly doors: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private ready: Target[] = [];
  private next = 0;
  private isStopped = false;
  private probing: Promise<void> | undefined;

  private constructor(
    private readonly targets: readonly Target[],
    private readonly path: string,
  ) {}

  /** @param path answers 200 at nodes that are ready */
  static async start(targets: readonly Target[], path: string): Promise<Balancer> {
    const balancer = new Balancer(targets, path);
    await balancer.probe();
    balancer.probing = balancer.keepProbing();
    return balancer;
  }

  private async keepProbing(): Promise<void> {
    while (!this.isStopped) {
      await sleep(PROBE_MS);
      await this.probe();
    }
  }

  private async probe(): Promise<void> {
    const answers = await Promise.all(this.targets.map((target) => this.isReady(target)));
    this.ready = this.targets.filter((_target, index) => answers[index]);
  }

  private async isReady({ port }: Target): Promise<boolean> {
    const headers = { Connection: 'close' };
    const answer = fetch(`http://127.0.0.1:${port}${this.path}`, { headers });
    return answer.then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** @returns the address that one client is to use */
  async open(): Promise<string> {
    let mine: Target | undefined;
    const door = createServer((client) => {
      if (!mine || !this.ready.includes(mine)) mine = this.ready[this.next++ % this.ready.length];
      if (mine) this.join(client, connect(mine.port, '127.0.0.1'));
      else client.destroy();
    });
    this.doors.push(door);
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    return `127.0.0.1:${(door.address() as AddressInfo).port}`;
  }

  private join(client: Socket, node: Socket): void {
    for (const [socket, other] of [
      [client, node],
      [node, client],
    ] as const) {
      // prettier-ignore
      this.sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.probing;
    for (const door of this.doors) door.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
