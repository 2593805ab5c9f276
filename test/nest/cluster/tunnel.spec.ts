import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Kind, type Letter } from '../../../lib/nest/cluster/letter.js';
import { Tunnel, WINDOW_BYTES } from '../../../lib/nest/cluster/tunnel.js';
import { VISITOR, tunnelPair } from '../../support/tunnel-pair.js';

const NOTHING = Buffer.alloc(0);

type Sent = Pick<Letter, 'kind' | 'number' | 'body'>;

/** One end, and what it has written to the other. */
function open(): {
  tunnel: Tunnel;
  sent: Sent[];
  receive: (kind: Kind, body?: Buffer, number?: number) => void;
} {
  const sent: Sent[] = [];
  let numbers = 0;
  const tunnel = new Tunnel(VISITOR, {
    send: (kind, number, body) => sent.push({ kind, number, body: Buffer.from(body) }),
    closed: () => undefined,
  });
  const receive = (kind: Kind, body: Buffer = NOTHING, number = numbers++): void =>
    tunnel.receive({ kind, number, body, from: 'A'.repeat(12), id: 0 });
  return { tunnel, sent, receive };
}

const credit = (bytes: number): Buffer => {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(bytes);
  return body;
};

describe('a tunnel', () => {
  it('carries any amount of bytes to whoever reads them, and the end', async () => {
    const [near, far] = tunnelPair();
    const bytes = Buffer.alloc(5 * WINDOW_BYTES + 1, 'abc');
    near.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of far) chunks.push(chunk as Buffer);

    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(far.bytesRead).toBe(bytes.length);
  });

  it('is closed when both ends have ended it', async () => {
    const [near, far] = tunnelPair();
    const closed = Promise.all(
      [near, far].map((end) => new Promise((resolve) => end.once('close', resolve))),
    );
    far.resume().end();
    near.resume().end('bye');

    await closed;
    expect(near.writableFinished && far.writableFinished).toBe(true);
  });

  it('puts no more under way than a window, and counts the rest as unsent', async () => {
    const { tunnel, sent, receive } = open();
    tunnel.write(Buffer.alloc(WINDOW_BYTES));
    tunnel.write(Buffer.alloc(1000));

    const bytes = (): number => sent.reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes()).toBe(WINDOW_BYTES);
    expect(tunnel.writableLength).toBe(1000);
    expect(tunnel.bytesWritten - tunnel.writableLength).toBe(WINDOW_BYTES);
    receive(Kind.credit, credit(600));
    await turn();
    expect(bytes()).toBe(WINDOW_BYTES + 600);
    receive(Kind.credit, credit(600));
    await turn();
    expect(bytes()).toBe(WINDOW_BYTES + 1000);
    expect(tunnel.writableLength).toBe(0);
  });

  it('gives no credit for what nobody reads', async () => {
    const { tunnel, sent, receive } = open();
    receive(Kind.data, Buffer.alloc(WINDOW_BYTES));
    expect(sent).toEqual([]);

    tunnel.resume();
    await turn();
    expect(sent).toMatchObject([{ kind: Kind.credit, body: credit(WINDOW_BYTES) }]);
  });

  it('tells when it is destroyed, unless it was the other end that did', () => {
    const [ours, theirs] = [open(), open()];
    ours.tunnel.destroy();
    theirs.receive(Kind.reset);

    expect(ours.sent).toMatchObject([{ kind: Kind.reset }]);
    expect(theirs.tunnel.destroyed).toBe(true);
    expect(theirs.sent).toEqual([]);
  });

  it.each<[string, (end: ReturnType<typeof open>) => void]>([
    ['a letter that is missing', ({ receive }) => receive(Kind.data, Buffer.from('x'), 1)],
    ['a letter that comes twice', ({ receive }) => [0, 0].forEach((n) => receive(Kind.data, NOTHING, n))],
    ['more than there was credit for', ({ receive }) => receive(Kind.data, Buffer.alloc(WINDOW_BYTES + 1))],
    ['credit for more than was sent', ({ receive }) => receive(Kind.credit, credit(1))],
    ['credit that is none', ({ receive }) => receive(Kind.credit, Buffer.from('x'))],
    ['data behind the end', ({ receive }) => [Kind.end, Kind.data].forEach((kind) => receive(kind))],
    ['a kind that has no place in it', ({ receive }) => receive(Kind.open)],
  ])('ends, and throws nothing, by %s', (_, hurt) => {
    const end = open();
    hurt(end);

    expect(end.tunnel.destroyed).toBe(true);
  });
});
