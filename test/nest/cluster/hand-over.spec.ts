import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { ClusterNode } from '../../../lib/nest/cluster/cluster-node.js';
import { HandOver } from '../../../lib/nest/cluster/hand-over.js';
import type { Tunnel } from '../../../lib/nest/cluster/tunnel.js';
import { APPLICATION_PORT } from '../../../lib/nest/cluster/visitor.js';

const GONE = ['gone-gone-12', 'gone-gone-13'];

describe('a node that hands clients over', () => {
  let broker: MemoryBroker;
  let here: ClusterNode;
  let owner: ClusterNode;
  const accepted: Tunnel[] = [];

  beforeEach(async () => {
    broker = new MemoryBroker();
    accepted.length = 0;
    [here, owner] = [new ClusterNode(broker.mailboxes), new ClusterNode(broker.mailboxes)];
    owner.acceptBy((tunnel) => accepted.push(tunnel.resume()) > 0);
    await Promise.all([here.open(), owner.open()]);
  });

  afterEach(async () => {
    here.close();
    await broker.close();
  });

  async function visit(body?: unknown): Promise<{ request: IncomingMessage; response: ServerResponse }> {
    const request = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', body });
    request.push(null);
    await once(request.resume(), 'end');
    return { request, response: new ServerResponse(request) };
  }

  it('asks for so many at a time only, whatever sessions they name', async () => {
    const handOver = new HandOver(here, APPLICATION_PORT, 2);
    const { request } = await visit();
    const first = GONE.map((node) => handOver.reach(node, request));

    expect(await handOver.reach(owner.id, request)).toBe('unreachable');
    expect(await Promise.all(first)).toEqual(['gone', 'gone']);
    expect(await handOver.reach(owner.id, request)).toHaveProperty('destroyed', false);
  });

  it('gives the tunnel up of a client that has left meanwhile', async () => {
    const handOver = new HandOver(here, APPLICATION_PORT, 2);
    const { request, response } = await visit();
    const handed = handOver.request(owner.id, { request, response, url: '/' });
    response.destroy();

    expect(await handed).toBeUndefined();
    if (!accepted[0]!.destroyed) await once(accepted[0]!, 'close');
    expect(accepted).toHaveLength(1);
  });

  it('tells a client that it dialled for when it was closed to come again, and keeps nobody waiting', async () => {
    const handOver = new HandOver(here, APPLICATION_PORT, 2);
    const handed = handOver.request(owner.id, { ...(await visit()), url: '/' });
    handOver.close();

    expect(await handed).toBe('leaving');
  });

  it('says that it leaves to whom it has handed over, and waits for the owner', async () => {
    const handOver = new HandOver(here, APPLICATION_PORT, 2);
    const handed = handOver.request(owner.id, { ...(await visit()), url: '/' });
    while (accepted.length === 0 || accepted[0]!.bytesRead === 0) await turn();
    handOver.close();

    expect(await handed).toBe('leaving');
  });

  it('opens none for a body that was parsed and cannot be written', async () => {
    // what is too deep for one version of V8 is not for the next; no version writes a bigint
    const forwarded = { ...(await visit({ seq: 1n, messages: [] })), url: '/' };

    await expect(new HandOver(here, APPLICATION_PORT, 2).request(owner.id, forwarded)).rejects.toMatchObject({
      status: 400,
    });
    expect(accepted).toHaveLength(0);
  });
});
