import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { ClusterNode } from '../../../lib/nest/cluster/cluster-node.js';
import { Kind, MAX_LETTER_BYTES, readLetter, writeLetter } from '../../../lib/nest/cluster/letter.js';
import type { Tunnel } from '../../../lib/nest/cluster/tunnel.js';
import { Random } from '../../support/random.js';
import { seed } from '../../support/seed.js';
import { VISITOR } from '../../support/tunnel-pair.js';

const STRANGER = 'stranger-000';
const NOTHING = Buffer.alloc(0);

describe('nodes', () => {
  let broker: MemoryBroker;
  const accepted: Tunnel[] = [];

  beforeEach(() => {
    broker = new MemoryBroker();
    accepted.length = 0;
  });

  afterEach(() => broker.close());

  async function startNode(): Promise<ClusterNode> {
    const node = new ClusterNode(broker.mailboxes);
    node.acceptBy((tunnel) => accepted.push(tunnel.resume()) > 0);
    await node.open();
    return node;
  }

  async function dial(from: ClusterNode, to: ClusterNode): Promise<Tunnel> {
    const tunnel = await from.dial(to.id, VISITOR);
    if (typeof tunnel === 'string') throw new Error(tunnel);
    return tunnel;
  }

  it('open tunnels both ways between the same two', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const [ab, ba] = [await dial(a, b), await dial(b, a)];
    const got: string[] = [];
    for (const tunnel of accepted) tunnel.on('data', (chunk: Buffer) => got.push(chunk.toString()));
    ab.write('from a');
    ba.write('from b');

    while (got.length < 2) await pause(1);
    expect(got).toEqual(['from a', 'from b']);
    expect(accepted[0]!.remoteAddress).toBe('192.0.2.7');
    a.close();
  });

  it('know that one is gone, refuses, or has nobody who takes clients', async () => {
    const a = await startNode();
    const idle = new ClusterNode(broker.mailboxes);
    await idle.open();

    expect(await a.dial('gone-gone-12', VISITOR)).toBe('gone');
    expect(await a.dial(idle.id, VISITOR)).toBe('unreachable');
  });

  it('know that one is gone, whatever else they find out while they ask', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const [a, b] = [await startNode(), await startNode()];
      await dial(a, b);
      await jest.advanceTimersByTimeAsync(1_900); // a sign of life is due in 100 ms
      const dialled = a.dial('gone-gone-12', VISITOR);
      await jest.advanceTimersByTimeAsync(400);

      expect(await dialled).toBe('gone');
      a.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('give up one that was frozen before it answered', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const a = await startNode();
      broker.mailboxes.open('frozen-node0', () => undefined);
      const dialled = a.dial('frozen-node0', VISITOR);
      await jest.advanceTimersByTimeAsync(3_100);

      expect(await dialled).toBe('gone');
    } finally {
      jest.useRealTimers();
    }
  });

  it('end the tunnels of one that was not heard for four signs of life', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const a = await startNode();
      const box = broker.mailboxes.open('frozen-node0', (letter) => {
        const { kind, id } = readLetter(letter)!;
        const answer = { kind: Kind.accepted, from: 'frozen-node0', id: (id ^ 0x8000_0000) >>> 0, number: 0 };
        if (kind === Kind.open) void broker.mailboxes.post(a.id, writeLetter({ ...answer, body: NOTHING }));
      });
      const tunnel = (await a.dial('frozen-node0', VISITOR)) as Tunnel;
      await jest.advanceTimersByTimeAsync(6_000);
      expect(tunnel.destroyed).toBe(false);
      await jest.advanceTimersByTimeAsync(2_100);
      expect(tunnel.destroyed).toBe(true);
      box.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('end the tunnel whose last letter was lost, and no other, by the next sign of life', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const [a, b] = [await startNode(), await startNode()];
      const [hurt, whole] = [await dial(a, b), await dial(a, b)];
      whole.write('arrives');
      // as when the connection that it was written to is cut: the engine believes that it was delivered
      jest.spyOn(broker.mailboxes, 'post').mockResolvedValueOnce(1);
      hurt.write('gets lost');
      await jest.advanceTimersByTimeAsync(4_100);

      expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true, false]);
      expect([hurt, whole].map(({ destroyed }) => destroyed)).toEqual([true, false]);
      a.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('end a tunnel that the other side has forgotten', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const [a, b] = [await startNode(), await startNode()];
      const [forgotten] = [await dial(a, b), await dial(a, b)];
      jest.spyOn(broker.mailboxes, 'post').mockResolvedValueOnce(1);
      accepted[0]!.destroy();
      await jest.advanceTimersByTimeAsync(4_100);

      expect(forgotten.destroyed).toBe(true);
      expect(accepted[1]!.destroyed).toBe(false);
      a.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('end a tunnel that the other side gave up without a word, also while short ones come and go', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    try {
      const [a, b] = [await startNode(), await startNode()];
      const tunnel = await dial(a, b);
      // as when the connection by which the other one gets letters is away
      jest.spyOn(broker.mailboxes, 'post').mockResolvedValueOnce(0);
      accepted[0]!.write('gets lost');
      await jest.advanceTimersByTimeAsync(0);
      expect([accepted[0]!.destroyed, tunnel.destroyed]).toEqual([true, false]);
      for (let i = 0; i < 10; i++) {
        (await dial(a, b)).destroy();
        await jest.advanceTimersByTimeAsync(500);
      }

      expect(tunnel.destroyed).toBe(true);
      a.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('end the tunnels of one whose mailbox is gone with the next letter', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const tunnel = await dial(a, b);
    const closed = new Promise((resolve) => tunnel.once('close', resolve));
    jest.spyOn(broker.mailboxes, 'post').mockResolvedValue(0);
    tunnel.write('x');

    await closed;
    expect(tunnel.destroyed).toBe(true);
  });

  it('have others do something, and tell who did not answer', async () => {
    const [a, b, c] = [await startNode(), await startNode(), await startNode()];
    for (const node of [b, c]) node.handlers.set('double', ([n]) => Number(n) * 2);

    expect(await a.callOthers('double', [4])).toEqual({
      values: [{ value: 8 }, { value: 8 }],
      isComplete: true,
    });
    expect(await a.call(b.id, 'double', [1])).toEqual({ values: [{ value: 2 }], isComplete: true });
    b.handlers.set('fail', () => Promise.reject(new Error('no')));
    expect(await a.call(b.id, 'fail', [])).toEqual({ values: [{ error: 'no' }], isComplete: true });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    const silent = a.call(c.id, 'fail', []);
    await jest.advanceTimersByTimeAsync(3_000);
    jest.useRealTimers();
    expect(await silent).toEqual({ values: [], isComplete: false });
  });

  it('say of what was done that it cannot be told, when it cannot', async () => {
    const [a, b] = [await startNode(), await startNode()];
    b.handlers.set('large', () => 'x'.repeat(MAX_LETTER_BYTES));
    b.handlers.set('big', () => 1n);
    b.handlers.set('quote', ([text]) => Promise.reject(new Error(String(text))));

    expect((await a.call(b.id, 'large', [])).values).toEqual([{ error: expect.stringContaining('exceed') }]);
    expect((await a.call(b.id, 'big', [])).values).toEqual([{ error: expect.stringContaining('BigInt') }]);
    // as JSON twice as long as it came
    const quoted = await a.call(b.id, 'quote', ['\n'.repeat(MAX_LETTER_BYTES / 4 - 100)]);
    expect(quoted.values).toEqual([{ error: '\n'.repeat(1_000) }]);
  });

  describe('survive in their mailbox', () => {
    const letter = (kind: Kind, body = NOTHING, id = 0, number = 0): Buffer =>
      writeLetter({ kind, from: STRANGER, id, number, body });

    it('whatever bytes there are', async () => {
      const [a, b] = [await startNode(), await startNode()];
      const tunnel = await dial(b, a);
      const random = new Random(seed);
      for (let i = 0; i < 2_000; i++) {
        const junk = random.bytes(random.between(0, 60));
        if (i % 2 && junk.length > 22) letter(random.between(1, 12) as Kind).copy(junk);
        void broker.mailboxes.post(i % 3 ? a.id : 'everyone', junk);
      }
      void broker.mailboxes.post(a.id, Buffer.alloc(MAX_LETTER_BYTES + 1, letter(Kind.data)));
      await pause(20);

      const got = new Promise((resolve) => accepted[0]!.once('data', resolve));
      tunnel.write('still here');
      expect(String(await got)).toBe('still here');
      b.close();
    });

    it('a stranger who names a tunnel of others, or himself as them', async () => {
      const [a, b] = [await startNode(), await startNode()];
      const tunnel = await dial(b, a);
      await broker.mailboxes.post(a.id, letter(Kind.reset));
      await broker.mailboxes.post(a.id, letter(Kind.open, Buffer.from('{"remoteAddress":"<script>"}')));
      await broker.mailboxes.post(a.id, letter(Kind.call, Buffer.from('{"name":"__proto__","args":[]}')));
      await broker.mailboxes.post(a.id, letter(Kind.answer, Buffer.from('{}')));
      await pause(5);

      expect(accepted).toHaveLength(1);
      expect(tunnel.destroyed || accepted[0]!.destroyed).toBe(false);
      b.close();
    });
  });
});
