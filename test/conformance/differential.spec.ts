/**
 * Our reader beside the one of `ws`, over random streams: either both tell the same, or the difference is
 * one of those explained here, each with a stream that shows it.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocketServer as WsServer } from 'ws';
import { inRandomPieces } from '../support/raw-peer-delivery.js';
import { close, encodeFrame } from '../support/raw-peer-frames.js';
import { inWords } from '../support/raw-peer-reader.js';
import { RawPeer } from '../support/raw-peer.js';
import { Random } from '../support/random.js';
import { seed } from '../support/seed.js';
import { ServerUnderTest } from '../support/server-under-test.js';
import { type Transcript, limits, readByUs, readByWs } from './differential-readers.js';
import { randomStream } from './differential-streams.js';

interface Difference {
  readonly us: string;
  readonly ws: string;
  readonly why: string;
  /** A stream that shows it. */
  readonly example: string;
  readonly explains: (us: Transcript, ws: Transcript) => boolean;
}

const failsWith = ({ failure }: Transcript, name: string, code: number): boolean =>
  failure?.name === name && failure.code === code;
const begins = (whole: Transcript, part: Transcript): boolean =>
  part.events.every((event, at) => whole.events[at] === event);
const sameEvents = (us: Transcript, ws: Transcript): boolean => begins(us, ws) && begins(ws, us);

const differences: readonly Difference[] = [
  {
    us: 'a length that is not minimally encoded fails with 1002',
    ws: 'takes it',
    why: 'RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length"',
    example: '81 fe 0001 00000000 61',
    explains: (us, ws) => failsWith(us, 'WS_ERR_INVALID_LENGTH_ENCODING', 1002) && begins(ws, us),
  },
  {
    us: 'a 64-bit length with its highest bit set fails with 1002',
    ws: 'fails with 1009',
    why: 'RFC 6455 §5.2: "the most significant bit MUST be 0", so it breaks the protocol, not a limit',
    example: '82 ff 8000000000000000 00000000',
    explains: (us, ws) =>
      failsWith(us, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1002) &&
      failsWith(ws, 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009) &&
      sameEvents(us, ws),
  },
  {
    us: 'text fails with 1007 at the byte that breaks it',
    ws: 'reads on to the end of the message, and may find something else there, or nothing',
    why: 'RFC 6455 §8.1; the public conformance suites ask for it',
    example: '01 81 00000000 ff',
    explains: (us, ws) =>
      failsWith(us, 'WS_ERR_INVALID_UTF8', 1007) && begins(ws, us) && ws.failure?.name !== us.failure?.name,
  },
  {
    us: 'fails at the first byte of a frame, where that is enough',
    ws: 'waits for the second',
    why: 'the earlier the better; only seen where the stream ends between the two',
    example: '83',
    explains: (us, ws) => us.failure?.code === 1002 && ws.failure === undefined && sameEvents(us, ws),
  },
  {
    us: 'judges a length when the whole header has come',
    ws: 'fails before the mask has come',
    why: 'of no consequence: a header takes 14 bytes; only seen where the stream ends between the two',
    example: '82 ff 7fffffffffffffff',
    explains: (us, ws) => us.failure === undefined && ws.failure?.code === 1009 && sameEvents(us, ws),
  },
  {
    us: 'a close frame of one byte fails when the byte has come',
    ws: 'fails at its header',
    why: 'of no consequence; only seen where the stream ends between the two',
    example: '88 81 00000000',
    explains: (us, ws) =>
      us.failure === undefined &&
      failsWith(ws, 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 1002) &&
      sameEvents(us, ws),
  },
];

function cut(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of inRandomPieces(random.between(0, 2 ** 30)).pieces(bytes.length)) {
    pieces.push(bytes.subarray(at, (at += length)));
  }
  return pieces;
}

const isSame = (us: Transcript, ws: Transcript): boolean =>
  sameEvents(us, ws) && us.failure?.code === ws.failure?.code;

describe(`Beside ws, over random streams, TEST_SEED=${seed}`, () => {
  it.each(differences)('differs: $us; ws $ws', async ({ example, explains }) => {
    const bytes = Buffer.from(example.replaceAll(' ', ''), 'hex');
    const us = readByUs([bytes]);
    const ws = await readByWs([bytes]);
    expect(isSame(us, ws)).toBe(false);
    expect(explains(us, ws)).toBe(true);
  });

  it('differs for no other reason', async () => {
    for (let run = 0; run < 800; run++) {
      const random = new Random(seed + run);
      const chunks = cut(random, randomStream(random));
      const us = readByUs(chunks);
      const ws = await readByWs(chunks);
      if (isSame(us, ws) || differences.some(({ explains }) => explains(us, ws))) continue;
      const stream = Buffer.concat(chunks).toString('hex');
      expect({ run, stream, ...us }).toEqual({ run, stream, ...ws });
    }
  });

  describe('on real sockets', () => {
    let ours: ServerUnderTest;
    let theirs: WsServer;

    beforeAll(async () => {
      ours = await ServerUnderTest.start({ ...limits, maxPendingAutoPongs: 1_000 });
      theirs = new WsServer({ port: 0, ...limits });
      theirs.on('connection', (socket) => {
        socket.on('error', () => {});
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      });
    });

    afterAll(async () => {
      await ours.stop();
      for (const client of theirs.clients) client.terminate();
      theirs.close();
    });

    it('peers get the same, where the streams were read alike', async () => {
      let compared = 0;
      for (let run = 0; run < 120; run++) {
        const random = new Random(seed + run);
        const bytes = Buffer.concat([randomStream(random), encodeFrame(close(1000), 'client')]);
        if (!isSame(readByUs([bytes]), await readByWs([bytes]))) continue;
        const [us, ws] = await Promise.all([
          converse(ours.port, bytes),
          converse((theirs.address() as { port: number }).port, bytes),
        ]);
        expect({ run, stream: bytes.toString('hex'), ...us }).toEqual({
          run,
          stream: bytes.toString('hex'),
          ...ws,
        });
        compared++;
      }
      expect(compared).toBeGreaterThan(40);
    });
  });
});

/** Pongs apart: ours may overtake messages. */
async function converse(port: number, bytes: Buffer): Promise<{ pongs: string[]; others: string[] }> {
  const peer = await RawPeer.open(port);
  await peer.send(bytes);
  // A stream that ends in the middle of a frame has no other end
  peer.socket.end();
  const received = await peer.untilEnded();
  peer.destroy();
  const words = (wanted: boolean): string[] =>
    received.filter(({ kind }) => (kind === 'pong') === wanted).map(inWords);
  return { pongs: words(true), others: words(false) };
}
