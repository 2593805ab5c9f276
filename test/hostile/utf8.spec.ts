import { describe, expect, it } from '@jest/globals';
import { processorMs } from '../support/processor-time.js';
import { byteByByte, inPiecesOf } from '../support/raw-peer-delivery.js';
import { continuation, inFragmentsOf, ping, text } from '../support/raw-peer-frames.js';
import { Arena, PROMPTLY_MS } from './arena.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('Hostile text', () => {
  const the = new Arena();

  it.each(['c080', 'eda080', 'f4908080', 'f888808080', 'ff'])('U1: %s is closed with 1007', async (hex) => {
    const { code, received, afterMs } = await the.attack(text(bytes(hex)));
    expect({ code, received }).toEqual({ code: 1007, received: [] });
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it.each(['c3', 'e282', 'f09f98', '61f0'])('U2: %s cut off by FIN is closed with 1007', async (hex) => {
    expect(await the.attack(text(bytes(hex)))).toMatchObject({ code: 1007, received: [] });
  });

  it('U3: a code point cut by frames and by packets comes back', async () => {
    const peer = await the.open();
    for (const words of ['é', '€', '😀', 'a😀b€cé']) {
      await peer.send(inFragmentsOf(1, text(words)), byteByByte);
      expect((await peer.next()).payload.toString()).toBe(words);
      await peer.send(text(words), inPiecesOf(7));
      expect((await peer.next()).payload.toString()).toBe(words);
    }
    peer.destroy();
  });

  it('U4: a bad byte in the first of a thousand fragments is closed with 1007 at once', async () => {
    const peer = await the.open();
    await peer.send(text(bytes('61ff'), { fin: false }));
    const { code, afterMs } = await the.ending(peer);
    expect(code).toBe(1007);
    expect(afterMs).toBeLessThan(PROMPTLY_MS);
  });

  it('U4: a bad byte behind a thousand good fragments is closed with 1007 before FIN', async () => {
    const good = Array.from({ length: 1_000 }, () => continuation('é', { fin: false }));
    const outcome = await the.attack([
      text('', { fin: false }),
      ...good,
      continuation(bytes('c3c3'), { fin: false }),
    ]);
    expect(outcome).toMatchObject({ code: 1007, received: [] });
  });

  it('U4: checking a long text again and again does not make it slow', async () => {
    const peer = await the.open();
    const begun = processorMs();
    // Each fragment ends inside a character: a check that began anew at each would take a minute
    const part = Buffer.from('aé€😀'.repeat(25)).subarray(1);
    const words = Buffer.concat(Array.from({ length: 1_000 }, () => part));
    await peer.send([...inFragmentsOf(250, text(words)), ping()]);
    while ((await peer.next()).kind !== 'text');
    expect(processorMs() - begun).toBeLessThan(PROMPTLY_MS);
    peer.destroy();
  });

  it('U5: a byte order mark is kept', async () => {
    const peer = await the.open();
    await peer.send(text(bytes('efbbbf61')));
    expect((await peer.next()).payload).toEqual(bytes('efbbbf61'));
    peer.destroy();
  });
});
