import { describe, expect, it } from '@jest/globals';
import { FrameReader } from '../../../lib/protocol/websocket/frame-reader.js';
import { CONTINUATION, PING, TEXT, clientFrame } from './frames.js';
import { DEFAULT_LIMITS, Recorder, ping, readerFor, text } from './recorder.js';

describe('suspending', () => {
  /** Suspends at each message, as who takes time to decode it does. */
  class Suspender extends Recorder {
    reader = readerFor(this);
    override onMessage(payload: Buffer, isBinary: boolean, rsv: number): void {
      super.onMessage(payload, isBinary, rsv);
      this.reader.suspend();
    }
  }

  const first = clientFrame(TEXT, 'one');
  const stream = Buffer.concat([
    clientFrame(PING, 'p'),
    first,
    clientFrame(TEXT, 'two'),
    clientFrame(PING, 'q'),
  ]);

  it('by a listener leaves what follows untaken, to be given again', () => {
    const recorder = new Suspender();
    const { reader } = recorder;
    const taken = reader.receive(stream);
    expect(taken).toBe(clientFrame(PING, 'p').length + first.length);
    expect(recorder.told).toEqual([ping('p'), text('one')]);
    reader.resume();
    const more = reader.receive(stream.subarray(taken));
    reader.resume();
    expect(reader.receive(stream.subarray(taken + more))).toBe(clientFrame(PING, 'q').length);
    expect(recorder.told).toEqual([ping('p'), text('one'), text('two'), ping('q')]);
  });

  it('takes nothing until resumed', () => {
    const recorder = new Recorder();
    const reader = readerFor(recorder);
    reader.suspend();
    expect(reader.receive(stream)).toBe(0);
    expect(recorder.told).toEqual([]);
  });

  it('is over when stopped: everything is taken, and dropped', () => {
    const reader = readerFor(new Recorder());
    reader.suspend();
    reader.stop();
    expect(reader.receive(stream)).toBe(stream.length);
  });

  it('otherwise takes all it is given', () => {
    const reader = readerFor(new Recorder());
    expect(reader.receive(stream.subarray(0, 3))).toBe(3);
    expect(reader.receive(stream.subarray(3))).toBe(stream.length - 3);
    expect(reader.receive(Buffer.alloc(0))).toBe(0);
  });
});

describe('turns', () => {
  const readerOf = (framesPerTurn: number): { recorder: Recorder; reader: FrameReader } => {
    const recorder = new Recorder();
    return { recorder, reader: new FrameReader('server', DEFAULT_LIMITS, recorder, 0, framesPerTurn) };
  };
  const one = clientFrame(TEXT, 'a');
  const frames = (count: number): Buffer => Buffer.concat(Array<Buffer>(count).fill(one));

  it('end after so many frames, in one chunk or several, and what follows is left', () => {
    const { recorder, reader } = readerOf(3);
    expect(reader.receive(frames(2))).toBe(2 * one.length);
    expect(reader.isExhausted).toBe(false);
    expect(reader.receive(frames(2))).toBe(one.length);
    expect(reader.isExhausted).toBe(true);
    expect(reader.receive(one)).toBe(0);
    expect(recorder.told).toHaveLength(3);
  });

  it('go on where they stopped', () => {
    const { recorder, reader } = readerOf(3);
    reader.receive(frames(3));
    reader.beginTurn();
    expect(reader.receive(one)).toBe(one.length);
    expect(recorder.told).toHaveLength(4);
  });

  it('count fragments and control frames too', () => {
    const { reader } = readerOf(3);
    const fragment = clientFrame(TEXT, 'a', { fin: false });
    const stream = [fragment, clientFrame(PING), clientFrame(CONTINUATION, 'b')];
    expect(reader.receive(Buffer.concat([...stream, one]))).toBe(Buffer.concat(stream).length);
  });

  it('end sooner for work that was charged', () => {
    const { reader } = readerOf(3);
    reader.charge(2);
    expect(reader.receive(frames(2))).toBe(one.length);
  });

  it('make no difference after the end: everything is taken, and dropped', () => {
    const { reader } = readerOf(1);
    reader.receive(one);
    reader.stop();
    expect(reader.receive(one)).toBe(one.length);
  });
});
