/**
 * R4, counted: how many messages of one busy connection are worked off before others get their turn. A
 * flood lies in the kernel's buffers as a whole, so that a reader without a bound would take it in one go.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'nestwire/websocket';
import { RawServer } from '../support/client-under-test.js';
import { readAgreement } from '../support/raw-deflate.js';
import { type FrameSpec, binary, close, encodeFrame, text } from '../support/raw-peer-frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { perTurn } from '../support/turns.js';
import { Arena } from './arena.js';

const RSV1 = 4;
const OFFER = 'permessage-deflate; client_no_context_takeover; server_no_context_takeover';

/** What one connection may have worked off in one turn: a portion left over and one newly read. */
const MOST_PLAIN = 2 * 1_024;
const MOST_COMPRESSED = Math.ceil(MOST_PLAIN / 17) + 1;

const letter = deflateRawSync('a', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

function flood(spec: FrameSpec, count: number, role: 'client' | 'server'): Buffer {
  const one = encodeFrame(spec, role);
  return Buffer.alloc(one.length * count, one);
}

describe('A flood of small messages, to a server', () => {
  let received = 0;
  const the = new Arena({ perMessageDeflate: { threshold: 0 } }, (socket) => {
    socket.on('message', (data, isBinary) => {
      if (isBinary) received++;
      else socket.send(data, { binary: false, compress: false });
    });
  });

  async function open(): Promise<RawPeer> {
    received = 0;
    const peer = await RawPeer.connect(the.server.port);
    readAgreement(await peer.upgrade({ headers: { 'Sec-WebSocket-Extensions': OFFER } }));
    return peer;
  }

  it.each([
    ['plain', binary('a'), 40_000, MOST_PLAIN],
    ['compressed', binary(letter, { rsv: RSV1 }), 4_000, MOST_COMPRESSED],
  ])(
    'is worked off a bounded number at a time, %s, and what follows comes after',
    async (_, one, count, most) => {
      const peer = await open();
      peer.write(Buffer.concat([flood(one, count, 'client'), peer.encode(text('and then'))]));
      const turns = await perTurn(() => received, count);
      expect(Math.max(...turns)).toBeLessThanOrEqual(most);
      expect((await peer.next()).payload.toString()).toBe('and then');
      peer.destroy();
    },
  );

  it('is told whole before the closing handshake that came with it', async () => {
    const peer = await open();
    peer.write(Buffer.concat([flood(binary('a'), 20_000, 'client'), peer.encode(close(1000))]));
    peer.socket.end();
    expect((await the.ending(peer)).code).toBe(1000);
    expect(received).toBe(20_000);
  });
});

describe('A flood of small messages, to a client', () => {
  const server = new RawServer();
  let client: WebSocket | undefined;
  let received = 0;

  afterEach(async () => {
    client?.terminate();
    await server.stop();
  });

  async function open(): Promise<RawPeer> {
    received = 0;
    await server.start();
    const pair = await server.open(
      { headers: { 'Sec-WebSocket-Extensions': OFFER } },
      {
        perMessageDeflate: {
          threshold: 0,
          serverNoContextTakeover: true,
          clientNoContextTakeover: true,
        },
      },
    );
    client = pair.client;
    client.on('message', () => received++);
    return pair.peer;
  }

  it.each([
    ['plain', binary('a'), 40_000, MOST_PLAIN],
    ['compressed', binary(letter, { rsv: RSV1 }), 4_000, MOST_COMPRESSED],
  ])('is worked off a bounded number at a time, %s', async (_, one, count, most) => {
    const peer = await open();
    peer.write(flood(one, count, 'server'));
    const turns = await perTurn(() => received, count);
    expect(Math.max(...turns)).toBeLessThanOrEqual(most);
  });

  it('is told whole before the end that came with it', async () => {
    const peer = await open();
    const ended = new Promise((resolve) => client!.once('close', resolve));
    peer.socket.end(Buffer.concat([flood(binary('a'), 20_000, 'server'), peer.encode(close(1000))]));
    expect(await ended).toBe(1000);
    expect(received).toBe(20_000);
  });
});
