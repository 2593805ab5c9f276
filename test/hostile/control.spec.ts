import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'nestwire/websocket';
import { byteByByte } from '../support/raw-peer-delivery.js';
import { close, continuation, ping, text } from '../support/raw-peer-frames.js';
import type { RawPeer } from '../support/raw-peer.js';
import type { ServerOptions } from '../support/server-under-test.js';
import { Arena, PROMPTLY_MS, within } from './arena.js';

describe('Hostile control frames', () => {
  const the = new Arena();

  it.each([
    ['C1: a ping of 126 bytes', 1002, [ping(Buffer.alloc(126))]],
    ['C2: a ping in fragments', 1002, [ping('a', { fin: false }), continuation('b')]],
    ['C3: RSV1 on a ping', 1002, [ping('a', { rsv: 4 })]],
    ['C4: a close of one byte', 1002, [close(undefined, 'a')]],
    ['C6: a close reason that is not UTF-8', 1007, [close(1000, Buffer.of(0xff))]],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map(
      (code) => [`C5: a close with code ${code}`, 1002, [close(code)]] as const,
    ),
  ] as const)('%s is closed with %d', async (_, expected, pieces) => {
    const { code, received, afterMs } = await the.attack(pieces);
    expect({ code, received }).toEqual({ code: expected, received: [] });
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it('C7: frames behind a close frame are ignored', async () => {
    const outcome = await the.attack([close(1000), ping(), text('late'), close(1001), ping('a', { rsv: 7 })]);
    expect(outcome).toMatchObject({ code: 1000, received: [] });
  });

  it('C7: a flood behind a close frame costs nothing', async () => {
    const flood = Array.from({ length: 2_000 }, () => text('x'.repeat(100)));
    const grown = await the.growth(() => the.attack([close(1000), ...flood]));
    expect(grown).toBeLessThan(1024 * 1024);
  });
});

/** An arena, and both ends of each connection that is opened in it. */
class Closing {
  /** How the last connection was closed, as its server was told. */
  readonly events: { code: number; reason: string }[] = [];
  private readonly opened: WebSocket[] = [];
  private readonly the: Arena;

  constructor(options?: ServerOptions) {
    this.the = new Arena(options, (socket) => {
      this.opened.push(socket);
      socket.on('message', (data) => socket.send(data as Buffer, { binary: false }));
    });
  }

  async openBoth(): Promise<{ peer: RawPeer; socket: WebSocket }> {
    const { events } = this;
    events.length = 0;
    const peer = await this.the.open();
    const socket = this.opened.at(-1)!;
    socket.on('close', (code, reason) => events.push({ code, reason: reason.toString() }));
    return { peer, socket };
  }
}

describe('The close wait of the server', () => {
  const closing = new Closing({ closeTimeoutMs: 150 });
  const { events } = closing;

  it('C8: a peer that never answers a close is dropped after the close wait', async () => {
    const { peer, socket } = await closing.openBoth();
    const begun = performance.now();
    socket.close(1000, 'bye');
    const frame = await peer.next();
    expect(frame.payload.subarray(2).toString()).toBe('bye');
    await peer.untilEnded();
    const tookMs = performance.now() - begun;
    await within(PROMPTLY_MS, () => events.length === 1);
    expect(events).toEqual([{ code: 1006, reason: '' }]);
    expect(tookMs).toBeGreaterThan(140);
  });

  it('C8: a peer that keeps sending instead of answering a close is dropped too', async () => {
    const { peer, socket } = await closing.openBoth();
    socket.close(1001);
    const begun = performance.now();
    while (peer.ended === undefined && performance.now() - begun < PROMPTLY_MS)
      await peer.send(text('x'), byteByByte);
    expect(peer.ended).toBeDefined();
    await within(PROMPTLY_MS, () => events.length === 1);
  });

  it('C8: a peer that never closes its half after a violation is dropped after the close wait', async () => {
    const { peer } = await closing.openBoth();
    await peer.send(ping('', { rsv: 7 }));
    await peer.untilEnded();
    await within(PROMPTLY_MS, () => events.length === 1);
    peer.destroy();
  });
});

describe('Closing by the server', () => {
  const closing = new Closing();
  const { events } = closing;

  it('C9: close called twice sends one frame and tells one event', async () => {
    const { peer, socket } = await closing.openBoth();
    socket.close(1000, 'once');
    socket.close(1001, 'twice');
    expect((await peer.next()).payload.readUInt16BE()).toBe(1000);
    await peer.send(close(1000, 'reply'));
    expect(await peer.untilEnded()).toEqual([]);
    peer.destroy();
    await within(PROMPTLY_MS, () => events.length > 0);
    expect(events).toEqual([{ code: 1000, reason: 'reply' }]);
  });

  it('C9: both closing at the same time is one clean close', async () => {
    const { peer, socket } = await closing.openBoth();
    void peer.send(close(4001, 'peer'));
    socket.close(4002, 'server');
    const frames = await peer.untilEnded();
    peer.destroy();
    await within(PROMPTLY_MS, () => events.length > 0);
    expect(frames.map(({ payload }) => payload.readUInt16BE())).toEqual([4002]);
    expect(events).toEqual([{ code: 4001, reason: 'peer' }]);
  });

  it('C9: terminate after close tells one event', async () => {
    const { peer, socket } = await closing.openBoth();
    socket.close(1000);
    socket.terminate();
    socket.terminate();
    await peer.untilEnded();
    peer.destroy();
    await within(PROMPTLY_MS, () => events.length > 0);
    expect(events).toEqual([{ code: 1006, reason: '' }]);
  });

  it('C10: a reason of 124 bytes is refused before anything is sent', async () => {
    const { peer, socket } = await closing.openBoth();
    expect(() => socket.close(1000, 'x'.repeat(124))).toThrow('124');
    expect(() => socket.close(1000, 'ß'.repeat(62))).toThrow('124');
    await peer.send(text('still open'));
    expect((await peer.next()).payload.toString()).toBe('still open');
    socket.close(1000, 'x'.repeat(123));
    expect((await peer.next()).payload).toHaveLength(125);
    peer.destroy();
  });

  it.each([0, 999, 1004, 1005.5, 1006, 1015, 2999, 5000, NaN, -1])(
    'C10: code %d is refused before anything is sent',
    async (code) => {
      const { peer, socket } = await closing.openBoth();
      expect(() => socket.close(code)).toThrow(String(code));
      expect(socket.readyState).toBe(1);
      peer.destroy();
    },
  );

  it('tells an empty close as 1005', async () => {
    const { peer } = await closing.openBoth();
    await peer.send(close());
    await peer.untilEnded();
    peer.destroy();
    await within(PROMPTLY_MS, () => events.length > 0);
    expect(events).toEqual([{ code: 1005, reason: '' }]);
  });

  it.each([
    ['a FIN without a close frame', (peer: RawPeer) => void peer.socket.end()],
    ['a reset', (peer: RawPeer) => peer.reset()],
  ])('tells %s as 1006', async (_, leave) => {
    const { peer } = await closing.openBoth();
    leave(peer);
    await within(PROMPTLY_MS, () => events.length > 0);
    expect(events).toEqual([{ code: 1006, reason: '' }]);
    peer.destroy();
  });
});
