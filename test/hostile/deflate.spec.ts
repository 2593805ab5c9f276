import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { WebSocket, WebSocketError } from 'nestwire/websocket';
import { DeflatePeer, RSV1 } from '../support/deflate-peer.js';
import { MiB } from '../support/memory.js';
import { readAgreement } from '../support/raw-deflate.js';
import {
  type FrameSpec,
  binary,
  close,
  encodeFrame,
  inFragmentsOf,
  text,
} from '../support/raw-peer-frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { Random } from '../support/random.js';
import { seed } from '../support/seed.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

const KiB = 1_024;

/** A compressed message without its tail, RFC 7692 §7.2.1. */
function deflated(content: Buffer): Buffer {
  return deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

const compressed = (payload: Buffer): FrameSpec => binary(payload, { rsv: RSV1 });
const bomb = deflated(Buffer.alloc(100 * MiB));

/** Of the processor, for all threads: messages may be inflated in the pool. */
async function processMs(act: () => Promise<void>): Promise<number> {
  const begun = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

/** In the pool: the bystander is not to wait for it. */
async function inflatedLength(message: Buffer): Promise<number> {
  const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  inflate.end(message);
  let length = 0;
  for await (const chunk of inflate) length += (chunk as Buffer).length;
  return length;
}

async function open(the: Arena, parameters = ''): Promise<DeflatePeer> {
  const raw = await RawPeer.connect(the.server.port, { allowedRsv: RSV1 });
  const offer = `permessage-deflate${parameters}`;
  return new DeflatePeer(
    raw,
    readAgreement(await raw.upgrade({ headers: { 'Sec-WebSocket-Extensions': offer } })),
  );
}

describe('Hostile compressed messages', () => {
  const opened: WebSocket[] = [];
  const the = new Arena({ perMessageDeflate: { threshold: 0 } }, (socket) => {
    opened.push(socket);
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });

  const attack = async (
    pieces: readonly (FrameSpec | Buffer)[],
    parameters = '',
  ): Promise<number | undefined> => {
    const { raw } = await open(the, parameters);
    void raw.send(pieces);
    return (await the.ending(raw)).code;
  };

  it.each(['', '; client_no_context_takeover'])(
    'D1: a bomb of 100 MiB is closed with 1009%s',
    async (how) => {
      const grown = await the.growth(async () => expect(await attack([compressed(bomb)], how)).toBe(1009));
      expect(grown).toBeLessThan(2 * MiB);
    },
  );

  it('D1: a bomb is not inflated far beyond the limit', async () => {
    const wholeMs = await processMs(async () => {
      expect(await inflatedLength(bomb)).toBe(100 * MiB);
    });
    const attackedMs = await processMs(async () => {
      for (let i = 0; i < 20; i++) expect(await attack([compressed(bomb)])).toBe(1009);
    });
    expect(attackedMs).toBeLessThan(10 * wholeMs);
  });

  it('D2: a bomb in fragments is closed with 1009', async () => {
    const [first, ...rest] = inFragmentsOf(200, binary(bomb));
    expect(await attack([{ ...first!, rsv: RSV1 }, ...rest])).toBe(1009);
  });

  it('D2: a bomb of a hundred final blocks is closed', async () => {
    const block = deflateRawSync(Buffer.alloc(200 * KiB));
    const many = Buffer.concat(Array.from({ length: 100 }, () => block));
    expect(await attack([compressed(many)])).toBe(1009);
  });

  it('D3: broken bytes behind a bomb harm nobody', async () => {
    const broken = Buffer.from('ffffff', 'hex');
    expect(await attack([compressed(bomb), broken, compressed(broken), broken])).toBe(1009);
    expect(await attack([compressed(Buffer.concat([bomb, broken]))])).toBe(1009);
  });

  it('D4: random bytes are closed with 1007 or 1009, or are a message', async () => {
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const code = await attack([compressed(random.bytes(random.logUniform(1, 5_000))), close(1000)]);
      expect([1000, 1007, 1009]).toContain(code);
    }
  });

  it('D4: what was broken on one connection does not break the next', async () => {
    for (const how of ['', '; client_no_context_takeover; server_no_context_takeover']) {
      expect(await attack([compressed(Buffer.from('ffffffff', 'hex'))], how)).toBe(1007);
      const peer = await open(the, how);
      await peer.send('text', 'still good');
      expect((await peer.next()).payload.toString()).toBe('still good');
      peer.destroy();
    }
  });

  it.each([
    ['empty', Buffer.of(0)],
    ['of no bytes', Buffer.alloc(0)],
  ])('D5: 10,000 compressed messages %s are answered, and nobody else waits for them', async (_, payload) => {
    const { raw } = await open(the);
    const one = encodeFrame(compressed(payload), 'client');
    void raw.send(Buffer.alloc(one.length * 10_000, one));
    await within(PROMPTLY_MS, () => raw.received.length === 10_000);
    raw.destroy();
  });

  it('D6: a message behind one with a final block is decoded too', async () => {
    const peer = await open(the);
    await peer.raw.send([compressed(Buffer.concat([deflateRawSync('first'), Buffer.of(0)]))]);
    expect((await peer.next()).payload.toString()).toBe('first');
    await peer.raw.send([compressed(deflated(Buffer.from('second')))]);
    expect((await peer.next()).payload.toString()).toBe('second');
    peer.destroy();
  });

  it.each([
    ['small messages', 100],
    ['messages for the thread pool', 100 * KiB],
  ])('D7: all callbacks come when the peer leaves before its %s', async (_, size) => {
    const peer = await open(the);
    const socket = opened.at(-1)!;
    const outcomes: (Error | undefined)[] = [];
    const content = new Random(seed).bytes(size);
    for (let i = 0; i < 200; i++) socket.send(content, (error) => outcomes.push(error));
    peer.raw.reset();
    peer.destroy();
    await within(PROMPTLY_MS, () => outcomes.length === 200);
  });

  it('D7: all callbacks come when the server terminates', async () => {
    const peer = await open(the);
    const socket = opened.at(-1)!;
    const outcomes: (Error | undefined)[] = [];
    const content = Buffer.alloc(100 * KiB, 'x');
    for (let i = 0; i < 5; i++) socket.send(content, (error) => outcomes.push(error));
    socket.terminate();
    await within(PROMPTLY_MS, () => outcomes.length === 5);
    expect(outcomes.at(-1)).toBeInstanceOf(Error);
    peer.destroy();
  });

  it('D9: a distance into an earlier message fails when no window is kept', async () => {
    const hello = Buffer.from('f248cdc9c90700', 'hex');
    const again = Buffer.from('f200110000', 'hex');
    const peer = await open(the, '; client_no_context_takeover');
    expect(peer.agreement.client.takeover).toBe(false);
    void peer.raw.send([text(hello, { rsv: RSV1 }), text(again, { rsv: RSV1 })]);
    expect((await peer.next()).payload.toString()).toBe('Hello');
    expect((await the.ending(peer.raw)).code).toBe(1007);
    peer.destroy();
  });

  it('D9: a distance into a message of another connection fails', async () => {
    const hello = Buffer.from('f248cdc9c90700', 'hex');
    const again = Buffer.from('f200110000', 'hex');
    const other = await open(the, '; client_no_context_takeover');
    await other.raw.send(text(hello, { rsv: RSV1 }));
    await other.next();
    expect(await attack([text(again, { rsv: RSV1 })], '; client_no_context_takeover')).toBe(1007);
    other.destroy();
  });

  it('never mixes up the messages of connections that share contexts', async () => {
    const peers = await Promise.all(
      Array.from({ length: 8 }, () => open(the, '; server_no_context_takeover; client_no_context_takeover')),
    );
    const random = new Random(seed);
    for (let round = 0; round < 5; round++) {
      const contents = peers.map(() => random.bytes(random.logUniform(1, 100_000)));
      await Promise.all(peers.map((peer, i) => peer.send('binary', contents[i]!)));
      const answers = await Promise.all(peers.map((peer) => peer.next()));
      answers.forEach(({ payload }, i) => expect(payload.equals(contents[i]!)).toBe(true));
    }
    for (const peer of peers) peer.destroy();
  });
});

describe('Peers that send faster than their echo can be compressed', () => {
  const failures: string[] = [];
  const waiting: number[] = [];
  const the = new Arena({ perMessageDeflate: true }, (socket) => {
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
      waiting.push(socket.bufferedAmount);
    });
    socket.on('error', (error) => failures.push((error as WebSocketError).code));
  });
  const message = Buffer.concat([new Random(seed).bytes(100 * KiB), Buffer.alloc(100 * KiB)]);

  it('wait for it, and get all of it', async () => {
    const peer = await open(the);
    for (let i = 0; i < 20; i++) void peer.raw.send(binary(message));
    for (let i = 0; i < 20; i++) expect((await peer.next()).payload.equals(message)).toBe(true);
    expect(Math.max(...waiting)).toBeLessThan(2 * MiB);
    expect(failures).toEqual([]);
    peer.destroy();
  });

  it('are cut off with 1008 if they do not read it', async () => {
    const peer = await open(the);
    peer.raw.socket.pause();
    for (let i = 0; i < 300; i++) void peer.raw.send(binary(message));
    await within(3 * PROMPTLY_MS, () => failures.length > 0);
    peer.destroy();
    expect(failures).toEqual(['WS_ERR_OUTBOUND_LIMIT']);
  });
});

describe('The memory of compression', () => {
  const budget = 4 * MiB;
  const the = new Arena({ perMessageDeflate: { threshold: 0, memoryBudgetBytes: budget } });

  it('D8: 200 connections take no more than the budget, and keep nothing when they are gone', async () => {
    const peers: DeflatePeer[] = [];
    let withWindow = 0;
    // what zlib holds is counted by Node as external
    const grown = await the.growth(async () => {
      for (let i = 0; i < 200; i++) {
        const peer = await open(the);
        peers.push(peer);
        if (peer.agreement.server.takeover) withWindow++;
        await peer.raw.send(compressed(deflated(Buffer.alloc(2 * KiB, 'abc'))));
        await peer.raw.next();
      }
    });
    // zlib takes about 268 KiB for a window of deflate, 40 KiB for one of inflate
    expect(withWindow).toBeGreaterThan(0);
    expect(withWindow).toBeLessThanOrEqual(budget / (256 * KiB));
    expect(grown).toBeLessThan(5 * budget);
    for (const peer of peers) peer.destroy();
    await within(PROMPTLY_MS, () => the.server.websockets.clients.size === 1);

    const after = await open(the);
    expect(after.agreement.server.takeover).toBe(true);
    after.destroy();
  });

  it('D8: a broadcast to connections with windows of their own is understood by all', async () => {
    const peers: DeflatePeer[] = [];
    for (const how of ['', '', '; server_no_context_takeover', '; server_max_window_bits=9']) {
      peers.push(await open(the, how));
    }
    const [bystander] = the.server.websockets.clients;
    for (let round = 0; round < 6; round++) {
      const own = `only for you, in round ${round} `.repeat(20);
      for (const peer of peers) await peer.send('text', own);
      for (const peer of peers) expect((await peer.next()).payload.toString()).toBe(own);
      const all = `for all of you, in round ${round} `.repeat(round % 2 === 0 ? 20 : 5_000);
      the.server.websockets.broadcast(all, { except: bystander! });
      for (const peer of peers) expect((await peer.next()).payload.toString()).toBe(all);
    }
    for (const peer of peers) peer.destroy();
  });
});
