import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;

/** A Redis Cluster of our own, masters only. */
export class RedisCluster {
  /** Those that are no longer where they began. */
  private readonly moved = new Map<number, RedisServer>();

  private constructor(readonly nodes: readonly RedisServer[]) {}

  static async start(masters = 3): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const cluster = new RedisCluster(nodes);
    const busPorts: number[] = [];
    for (let i = 0; i < masters; i++) {
      const busPort = await freePort();
      busPorts.push(busPort);
      const settings = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`];
      nodes.push(await RedisServer.start(...settings, '--cluster-node-timeout', '1000'));
    }
    for (const [i, node] of nodes.entries()) {
      const [from, to] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / masters)) as [number, number];
      await node.call('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
      await node.call('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to - 1}`);
      await node.call('CLUSTER', 'MEET', '127.0.0.1', `${nodes[0]!.port}`, `${busPorts[0]!}`);
    }
    for (const node of nodes) while (!(await isWhole(node, masters))) await pause(50);
    return cluster;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  /** The node that has a key's slot. */
  async nodeOf(key: string): Promise<RedisServer> {
    return this.holderOf(await this.slotOf(key));
  }

  private async slotOf(key: string): Promise<number> {
    return Number(await this.nodes[0]!.call('CLUSTER', 'KEYSLOT', key));
  }

  private holderOf(slot: number): RedisServer {
    return this.moved.get(slot) ?? this.nodes[Math.floor((slot * this.nodes.length) / SLOTS)]!;
  }

  /** Gives a key's slot to another node, with what is in it, as `redis-cli --cluster reshard` does. */
  async moveSlotOf(key: string): Promise<void> {
    const slot = await this.slotOf(key);
    const source = this.holderOf(slot);
    const target = this.nodes[(this.nodes.indexOf(source) + 1) % this.nodes.length]!;
    const setSlot = (node: RedisServer, ...words: string[]): Promise<unknown> =>
      node.call('CLUSTER', 'SETSLOT', `${slot}`, ...words);
    const [sourceId, targetId] = await Promise.all([source, target].map(idOf));
    await setSlot(target, 'IMPORTING', sourceId!);
    await setSlot(source, 'MIGRATING', targetId!);
    const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', `${slot}`, '1000')) as string[];
    const address = ['127.0.0.1', `${target.port}`, '', '0', '5000', 'KEYS'];
    if (keys.length > 0) await source.call('MIGRATE', ...address, ...keys);
    // the new holder first: nobody is without one meanwhile
    for (const node of [target, source]) await setSlot(node, 'NODE', targetId!);
    this.moved.set(slot, target);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

const idOf = async (node: RedisServer): Promise<string> => String(await node.call('CLUSTER', 'MYID'));

async function isWhole(node: RedisServer, masters: number): Promise<boolean> {
  const info = String(await node.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`);
}
