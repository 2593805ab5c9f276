/** Bytes and dates through every transport, and over a lost connection. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { type Observable, filter, firstValueFrom, of, take, toArray } from 'rxjs';
import { z } from 'zod';
import {
  Channel,
  Channels,
  Gateway,
  type GatewaySession,
  Subscribe,
  msgpack as serverCodec,
  defineProtocol,
} from 'nestwire';
import { type Client, type TransportKind, connect, msgpack } from 'nestwire/client';
import { type TestApp, startApp } from '../support/test-app.js';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const InkProtocol = defineProtocol('ink.v1', {
  client: {
    invert: { payload: bytes, reply: bytes },
    halves: { payload: bytes, stream: bytes },
    stamp: { payload: z.object({ at: z.date(), ink: bytes }) },
    join: {},
  },
  server: { stamped: z.object({ at: z.date(), ink: bytes }), drawn: z.object({ x: z.number() }) },
});
type Ink = typeof InkProtocol;

@Gateway({ path: '/ink', protocol: InkProtocol })
class InkGateway {
  readonly sessions: GatewaySession<Ink>[] = [];
  readonly drawings: Channel<{ x: number }>;

  constructor(channels: Channels) {
    this.drawings = channels.channel('drawings', { event: 'drawn', history: { size: 10 } });
  }

  @Subscribe(InkProtocol, 'invert')
  invert(ink: Uint8Array): Uint8Array {
    return ink.map((byte) => ~byte);
  }

  @Subscribe(InkProtocol, 'halves')
  halves(ink: Uint8Array): Observable<Uint8Array> {
    return of(ink.subarray(0, ink.length / 2), ink.subarray(ink.length / 2));
  }

  @Subscribe(InkProtocol, 'stamp')
  stamp(stamped: { at: Date; ink: Uint8Array }, session: GatewaySession<Ink>): void {
    session.push('stamped', stamped);
  }

  @Subscribe(InkProtocol, 'join')
  join(_: undefined, session: GatewaySession<Ink>): Promise<void> {
    this.sessions.push(session);
    return session.join('drawings');
  }
}

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

describe.each<TransportKind>(['websocket', 'event-stream', 'long-polling', 'short-polling'])(
  'MessagePack over %s',
  (transport) => {
    let app: TestApp;
    let client: Client<Ink>;

    beforeEach(async () => {
      app = await startApp({
        module: { providers: [InkGateway] },
        nestwire: { codecs: [serverCodec(MessagePack)] },
      });
      client = connect(`http://${app.address}/ink`, {
        protocol: InkProtocol,
        codec: msgpack(MessagePack),
        transports: [transport],
        polling: { intervalMs: 5 },
        backOff: { minMs: 1 },
      });
    });

    afterEach(async () => {
      client.close();
      await app.close();
    });

    it('carries bytes in requests, replies, streams and pushes', async () => {
      expect(await client.request('invert', everyByte)).toEqual(everyByte.map((byte) => ~byte));
      const halves = await firstValueFrom(client.stream('halves', everyByte).pipe(toArray()));
      expect(halves).toEqual([everyByte.subarray(0, 128), everyByte.subarray(128)]);
      const stamp = { at: new Date(1_800_000_000_000), ink: everyByte };
      const stamped = firstValueFrom(client.on('stamped'));
      client.send('stamp', stamp);
      expect(await stamped).toEqual(stamp);
    });

    it('carries a message as large as the server takes', async () => {
      const large = new Uint8Array(200_000).fill(0x41);
      expect(await client.request('invert', large.subarray(0, 150_000))).toHaveLength(150_000);
      // what is larger than an encoder keeps leaves the next one as it should be
      expect(await client.request('invert', everyByte.subarray(0, 1))).toEqual(Uint8Array.of(255));
    });

    it('goes on after a lost connection, with what was published meanwhile', async () => {
      const { sessions, drawings } = app.app.get(InkGateway);
      await client.request('join');
      const drawn = firstValueFrom(client.on('drawn').pipe(take(3), toArray()));
      await drawings.publish({ x: 1 });
      (sessions[0] as unknown as { terminate(): void }).terminate();
      await firstValueFrom(client.status$.pipe(filter(({ state }) => state === 'waiting')));
      await drawings.publish({ x: 2 });
      const inverted = client.request('invert', Uint8Array.of(1));
      expect(await inverted).toEqual(Uint8Array.of(254));
      await drawings.publish({ x: 3 });
      expect(await drawn).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
    });

    it('rejects at once what it cannot carry', async () => {
      const unspeakable = (() => undefined) as unknown as Uint8Array;
      await expect(client.request('invert', unspeakable)).rejects.toThrow('Unrecognized object');
      expect(await client.request('invert', Uint8Array.of(0))).toEqual(Uint8Array.of(255));
    });
  },
);

describe('The option "codec"', () => {
  it('needs a protocol, whose token names the codec', () => {
    expect(() => connect('ws://127.0.0.1:9/', { codec: msgpack(MessagePack) })).toThrow(
      'the codec msgpack needs a protocol, whose token names it',
    );
  });
});
