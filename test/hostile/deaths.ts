/** Every way in which a connection can end, from either side, at any time. */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'nestwire/websocket';
import { RSV1 } from '../support/deflate-peer.js';
import { binary, close, continuation, ping, text } from '../support/raw-peer-frames.js';
import { upgradeRequest, type RequestChanges } from '../support/raw-peer-http.js';
import { RawPeer } from '../support/raw-peer.js';

/** What the server does with a connection is asked for by its path. */
type Act = 'echo' | 'close' | 'terminate' | 'stuff' | 'deny' | 'ponder';

export interface Death {
  readonly title: string;
  /** Resolves when the attacker's end is gone. */
  die(port: number): Promise<void>;
}

const deflate: RequestChanges = { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } };
const hello = Buffer.from('f248cdc9c90700', 'hex');

const open = (port: number, act: Act, changes: RequestChanges = {}): Promise<RawPeer> =>
  RawPeer.open(port, { target: `/${act}`, ...changes }, { allowedRsv: RSV1 });

/** A peer that has said its last and waits for the server to end it. */
async function ended(peer: RawPeer): Promise<void> {
  await peer.untilEnded();
  peer.destroy();
}

async function sent(peer: RawPeer, ...pieces: Parameters<RawPeer['send']>): Promise<RawPeer> {
  await peer.send(...pieces);
  return peer;
}

const peerDeaths: readonly Death[] = [
  {
    title: 'a closing handshake by the peer',
    die: async (port) => closed(await open(port, 'echo')),
  },
  { title: 'a closing handshake by the server', die: async (port) => answered(await open(port, 'close')) },
  { title: 'a close that is never answered', die: async (port) => ended(await open(port, 'close')) },
  { title: 'a termination by the server', die: async (port) => ended(await open(port, 'terminate')) },
  { title: 'a FIN without a close frame', die: async (port) => finished(await open(port, 'echo')) },
  { title: 'a reset', die: async (port) => (await open(port, 'echo')).reset() },
  {
    title: 'a reset in mid-frame',
    die: async (port) => (await sent(await open(port, 'echo'), Buffer.from('81ff', 'hex'))).reset(),
  },
  {
    title: 'a reset in mid-message',
    die: async (port) => (await sent(await open(port, 'echo'), text('a', { fin: false }))).reset(),
  },
  {
    title: 'a FIN in mid-message',
    die: async (port) => finished(await sent(await open(port, 'echo'), text('a', { fin: false }))),
  },
  {
    title: 'a broken frame',
    die: async (port) => ended(await sent(await open(port, 'echo'), text('a', { rsv: 7 }))),
  },
  {
    title: 'broken text',
    die: async (port) => ended(await sent(await open(port, 'echo'), text(Buffer.of(0xff)))),
  },
  {
    title: 'a message too large',
    die: async (port) =>
      ended(await sent(await open(port, 'echo'), binary('', { declaredLength: 2 ** 30, lengthBits: 64 }))),
  },
  {
    title: 'too many fragments',
    die: async (port) =>
      ended(
        await sent(await open(port, 'echo'), [
          text('', { fin: false }),
          ...Array.from({ length: 1_100 }, () => continuation('', { fin: false })),
        ]),
      ),
  },
  {
    title: 'a reset behind pings',
    die: async (port) =>
      (
        await sent(
          await open(port, 'echo'),
          Array.from({ length: 50 }, () => ping('x')),
        )
      ).reset(),
  },
  { title: 'a reset of a peer that never read', die: async (port) => deaf(await open(port, 'stuff')) },
  { title: 'a reset in mid-compression', die: async (port) => deaf(await open(port, 'stuff', deflate)) },
  {
    title: 'a reset behind a compressed message',
    die: async (port) => (await sent(await open(port, 'echo', deflate), text(hello, { rsv: RSV1 }))).reset(),
  },
  {
    title: 'a broken compressed message',
    die: async (port) => ended(await sent(await open(port, 'echo', deflate), text('ffff', { rsv: RSV1 }))),
  },
];

const handshakeDeaths: readonly Death[] = [
  { title: 'a reset before the handshake', die: async (port) => (await RawPeer.connect(port)).reset() },
  { title: 'a reset in mid-handshake', die: async (port) => halfAsked(port) },
  { title: 'a refusal of a bad handshake', die: async (port) => refused(port, { method: 'POST' }) },
  { title: 'a refusal by the application', die: async (port) => refused(port, { target: '/deny' }) },
  { title: 'a decision that never comes', die: async (port) => refused(port, { target: '/ponder' }) },
  { title: 'a reset while the application decides', die: async (port) => (await asked(port)).reset() },
  { title: 'a FIN while the application decides', die: async (port) => finished(await asked(port)) },
  { title: 'a FIN before the handshake', die: async (port) => finished(await RawPeer.connect(port)) },
];

const clientDeaths: readonly Death[] = [
  {
    title: 'a closing handshake by our client',
    die: (port) => clientDies(port, 'echo', (client) => client.close(1000)),
  },
  {
    title: 'a termination by our client',
    die: (port) => clientDies(port, 'echo', (client) => client.terminate()),
  },
  { title: 'a termination of our client by its server', die: (port) => clientDies(port, 'terminate') },
  { title: 'a closing of our client by its server', die: (port) => clientDies(port, 'close') },
  { title: 'a refusal of our client', die: (port) => clientDies(port, 'deny') },
  { title: 'an end of our client in mid-handshake', die: (port) => clientGivesUp(port) },
];

export const deaths: readonly Death[] = [...peerDeaths, ...handshakeDeaths, ...clientDeaths];

async function closed(peer: RawPeer): Promise<void> {
  await peer.closeAndEnd();
  peer.destroy();
}

async function answered(peer: RawPeer): Promise<void> {
  await peer.next();
  await peer.send(close(1000));
  await ended(peer);
}

async function finished(peer: RawPeer): Promise<void> {
  peer.socket.end();
  await ended(peer);
}

async function deaf(peer: RawPeer): Promise<void> {
  peer.socket.pause();
  await wait(5);
  peer.reset();
}

async function halfAsked(port: number): Promise<void> {
  const peer = await RawPeer.connect(port);
  peer.write(upgradeRequest().subarray(0, 60));
  await wait(1);
  peer.reset();
}

async function refused(port: number, changes: RequestChanges): Promise<void> {
  const peer = await RawPeer.connect(port);
  await peer.upgrade(changes);
  peer.destroy();
}

async function asked(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port);
  peer.write(upgradeRequest({ target: '/ponder' }));
  await wait(5);
  return peer;
}

/** Unlike `once` of node:events, an `error` before it is as good. */
const gone = (client: WebSocket): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

async function clientDies(port: number, act: Act, end?: (client: WebSocket) => void): Promise<void> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/${act}`, { perMessageDeflate: true });
  client.on('error', () => {});
  if (end) client.once('open', () => end(client));
  await gone(client);
}

async function clientGivesUp(port: number): Promise<void> {
  const abort = new AbortController();
  const client = new WebSocket(`ws://127.0.0.1:${port}/ponder`, { signal: abort.signal });
  client.on('error', () => {});
  const closed = gone(client);
  await wait(5);
  abort.abort();
  await closed;
}
