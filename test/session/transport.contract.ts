import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PreparedMessage,
  type SessionTransport,
  type TransportEvents,
  type TransportKind,
} from '../../lib/session/index.js';

/** The client at the other end. */
export interface TransportPeer {
  send(text: string): void;
  /** The next message, whether it is here already or not: text as a string. */
  next(): Promise<string | Uint8Array>;
  /** Reads nothing from now on, so that what is sent to it stays with the sender. */
  stall(): void;
  goOn(): void;
  /** Says goodbye, with code and reason where there is a place for them. */
  leave(code: number, reason: string): void;
  /** Is gone without a word. */
  breakOff(): void;
  /** How it saw the end. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface TransportUnderTest {
  readonly kind: TransportKind;
  /** What a goodbye with 1001 and "bye" is told as: over plain HTTP it says neither. */
  readonly goodbye: { readonly code: number; readonly reason: string };
  connect(events: TransportEvents): Promise<{ transport: SessionTransport; peer: TransportPeer }>;
  /** Ends what `connect` needed. */
  close(): Promise<void>;
}

/** What happened, and a way to wait for it. */
class Recorder implements TransportEvents {
  readonly messages: (string | Uint8Array)[] = [];
  readonly ends: { code: number; reason: string; clean: boolean }[] = [];
  drains = 0;
  afterEnd = 0;

  message(data: string | Uint8Array): void {
    if (this.ends.length > 0) this.afterEnd++;
    this.messages.push(data);
  }

  drained(): void {
    if (this.ends.length > 0) this.afterEnd++;
    this.drains++;
  }

  closed(code: number, reason: string, clean: boolean): void {
    this.ends.push({ code, reason, clean });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await turn();
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** What every transport promises: the comments of `lib/session/transport.ts`, one by one. */
export function describeTransport(name: string, create: () => Promise<TransportUnderTest>): void {
  describe(`${name} as a transport of sessions`, () => {
    let subject: TransportUnderTest;
    let events: Recorder;
    let transport: SessionTransport;
    let peer: TransportPeer;

    beforeEach(async () => {
      subject = await create();
      events = new Recorder();
      ({ transport, peer } = await subject.connect(events));
    });

    afterEach(async () => {
      expect(events.afterEnd).toBe(0);
      transport.terminate();
      await subject.close();
    });

    /** Sends until much waits, and stays. @returns how many messages */
    async function fill(): Promise<number> {
      let sent = 0;
      for (let still = 0; still < 20 && sent < 2000; still++) {
        const before = transport.queuedBytes;
        const isMuch = before >= 200_000;
        if (isMuch) await pause(1);
        else transport.send(`${sent++}${'x'.repeat(50_000)}`);
        await turn();
        if (!isMuch || transport.queuedBytes !== before) still = 0;
      }
      return sent;
    }

    it('says of which kind it is', () => {
      expect(transport.kind).toBe(subject.kind);
    });

    it('carries messages to the peer, whole and in order, text as text', async () => {
      const texts = ['{"event":"a"}', 'ü'.repeat(50_000), '{}'];
      for (const text of texts) transport.send(text);

      for (const text of texts) expect(await peer.next()).toBe(text);
    });

    it('carries a message that others get too', async () => {
      const other = await subject.connect(new Recorder());
      const message = new PreparedMessage('{"event":"shared"}');
      transport.send('first');
      transport.send(message);
      other.transport.send(message);

      expect([await peer.next(), await peer.next(), await other.peer.next()]).toEqual([
        'first',
        message.data,
        message.data,
      ]);
      other.transport.terminate();
    });

    it('tells the messages of the peer, whole and in order', async () => {
      const texts = Array.from({ length: 20 }, (_, i) => `${i}${'é'.repeat(i * 100)}`);
      for (const text of texts) peer.send(text);
      await events.until(() => events.messages.length === texts.length);

      expect(events.messages).toEqual(texts);
    });

    it('loses nothing while it is paused', async () => {
      peer.send('before');
      await events.until(() => events.messages.length === 1);
      transport.pause();
      peer.send('meanwhile');
      await turns(20);
      transport.resume();
      await events.until(() => events.messages.length === 2);

      expect(events.messages).toEqual(['before', 'meanwhile']);
    });

    it('says how much waits for a peer that does not read, and when it was taken', async () => {
      expect(transport.queuedBytes).toBe(0);
      peer.stall();
      const sent = await fill();
      const { drains } = events; // what was taken by then
      await turns(5);
      expect(transport.queuedBytes).toBeGreaterThan(0);
      expect(events.drains).toBe(drains);

      peer.goOn();
      for (let i = 0; i < sent; i++) expect((await peer.next()).length).toBeGreaterThan(50_000);
      // what goes out now may have been queued when it told that there is room
      await events.until(() => events.drains > drains && transport.queuedBytes === 0);
    });

    it('tells that all was taken, however little it was', async () => {
      peer.stall();
      let sent = 0;
      while (transport.queuedBytes === 0 && sent < 5000) {
        transport.send(`${sent++}${'x'.repeat(4_000)}`);
        await turn();
      }
      const { drains } = events;
      peer.goOn();
      for (let i = 0; i < sent; i++) await peer.next();
      await events.until(() => events.drains > drains);
      expect(transport.queuedBytes).toBe(0);
    });

    it('closes with code and reason, behind what was sent, and sends nothing after that', async () => {
      transport.send('last');
      transport.close(4000, 'done');
      transport.send('too late');
      transport.close(4001, 'again');

      expect(await peer.next()).toBe('last');
      expect(await peer.closed).toEqual({ code: 4000, reason: 'done' });
      await events.until(() => events.ends.length > 0);
      await turns(5);
      expect(events.ends).toHaveLength(1);
    });

    it.each([999, 1005, 5000])('refuses to close with %d', (code) => {
      expect(() => transport.close(code, '')).toThrow(RangeError);
    });

    it('refuses a reason of more than 123 bytes', () => {
      expect(() => transport.close(4000, 'ü'.repeat(62))).toThrow(RangeError);
    });

    it('tells once that the peer has left, and why', async () => {
      peer.leave(1001, 'bye');
      await events.until(() => events.ends.length > 0);
      await turns(5);

      expect(events.ends).toEqual([{ ...subject.goodbye, clean: true }]);
    });

    it('tells once that the connection broke off, and does nothing from then on', async () => {
      peer.breakOff();
      await events.until(() => events.ends.length > 0);
      transport.send('x');
      transport.pause();
      transport.resume();
      transport.cutOff(4413, 'too slow');
      transport.close(4000, '');
      transport.terminate();
      await turns(5);

      expect(events.ends).toEqual([{ code: 1006, reason: expect.any(String), clean: false }]);
    });

    it('ends when it is told to, without the peer', async () => {
      peer.stall();
      transport.terminate();
      await events.until(() => events.ends.length > 0);
      await turns(5);

      expect(events.ends).toEqual([expect.objectContaining({ clean: false })]);
    });

    it('lets go of what waits for a peer that it cuts off', async () => {
      peer.stall();
      for (let i = 0; transport.queuedBytes < 200_000 && i < 2000; i++) {
        transport.send('x'.repeat(50_000));
        await turn();
      }
      const before = transport.queuedBytes;
      transport.cutOff(4413, 'too slow');

      expect(transport.queuedBytes).toBeLessThan(before);
      peer.goOn();
      await events.until(() => events.ends.length > 0);
      expect(events.ends).toHaveLength(1);
    });
  });
}
