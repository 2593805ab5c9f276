import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TransportEvents } from '../../../lib/session/index.js';
import { type PollBatch, PollTransport } from '../../../lib/transport/polling/index.js';

const LIMITS = { batchBytes: 10, absenceMs: 1_000, closeWaitMs: 100 };

describe('A transport by polls', () => {
  const ends: unknown[] = [];
  let drains = 0;
  let transport: PollTransport;
  let events: TransportEvents;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
    ends.length = drains = 0;
    events = { message: () => undefined, drained: () => drains++, closed: (...end) => ends.push(end) };
    transport = new PollTransport('long-polling', events, LIMITS, () => Date.now());
  });

  afterEach(() => {
    transport.terminate();
    jest.useRealTimers();
  });

  /** What the polls were answered with, as it comes. */
  function poll(ack?: number, waitMs = 0): (PollBatch | undefined)[] {
    const answers: (PollBatch | undefined)[] = [];
    transport.receive({ waitMs, ack, answer: (batch) => answers.push(batch) });
    return answers;
  }

  /** As `poll`, with what it is answered with when the turn ends. */
  function pollToTheEnd(ack: number): (PollBatch | undefined)[] {
    const answers = poll(ack);
    jest.advanceTimersByTime(0);
    return answers;
  }

  it('gives what is there at once, within the size of a batch', () => {
    for (const text of ['"first"', '"2"', '"too much"']) transport.send(text);
    expect(poll()).toEqual([{ batch: 1, messages: ['"first"', '"2"'] }]);
    expect(pollToTheEnd(1)).toEqual([{ batch: 2, messages: ['"too much"'] }]);
    expect(pollToTheEnd(2)).toEqual([undefined]);
  });

  it('gives a batch again until it is named, and counts it until then', () => {
    transport.send('"a"');
    expect(poll()).toEqual([{ batch: 1, messages: ['"a"'] }]);
    transport.send('"b"');
    expect(poll()).toEqual([{ batch: 1, messages: ['"a"'] }]);
    expect(transport.queuedBytes).toBe(6);
    expect(pollToTheEnd(1)).toEqual([{ batch: 2, messages: ['"b"'] }]);
    expect(transport.queuedBytes).toBe(3);
  });

  it('answers a poll that waits with all of one turn', async () => {
    const answers = poll(undefined, 500);
    transport.send('"a"');
    transport.send('"b"');
    expect(answers).toEqual([]);
    await Promise.resolve();
    expect(answers).toEqual([{ batch: 1, messages: ['"a"', '"b"'] }]);
  });

  it('answers a poll with nothing when its time is over, or another one comes', () => {
    const first = poll(undefined, 500);
    jest.advanceTimersByTime(499);
    expect(first).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(first).toEqual([undefined]);
    const second = poll(undefined, 500);
    poll(undefined, 500);
    expect(second).toEqual([undefined]);
  });

  it('tells that all was taken when the last batch is named', async () => {
    transport.send('"a"');
    await Promise.resolve();
    poll();
    expect(drains).toBe(0);
    poll(1);
    expect(drains).toBe(1);
  });

  it('has room for half a batch more while a poll waits', () => {
    poll(undefined, 500);
    transport.send('"abc"');
    expect(transport.queuedBytes).toBe(0);
    transport.send('"abc"');
    expect(transport.queuedBytes).toBe(5);
  });

  it('lets who waited for its client send before it answers a short poll that took the last batch', async () => {
    transport.send('"a"');
    poll();
    events.drained = () => void Promise.resolve().then(() => transport.send('"b"'));
    const answers = poll(1);
    await Promise.resolve();
    jest.advanceTimersByTime(0);
    expect(answers).toEqual([{ batch: 2, messages: ['"b"'] }]);
  });

  it('does so with more of its own to send, and with a poll that waits', async () => {
    transport.send('"a"');
    poll();
    transport.send('"b"');
    await Promise.resolve();
    events.drained = () => void Promise.resolve().then(() => transport.send('"c"'));
    const answers = poll(1, 500);
    await Promise.resolve();
    await Promise.resolve();
    expect(answers).toEqual([{ batch: 2, messages: ['"b"', '"c"'] }]);
  });

  it('is lost when its client stays away', () => {
    poll();
    jest.advanceTimersByTime(999);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual([[1006, '', false]]);
  });

  it('waits for a client that has come seldom for three times as long', () => {
    poll();
    jest.advanceTimersByTime(900);
    poll();
    jest.advanceTimersByTime(2_699);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toHaveLength(1);
  });

  it('does not wait for ever for a client that gave up its poll', () => {
    const left = { waitMs: 60_000, ack: undefined, answer: () => undefined };
    transport.receive(left);
    transport.giveUp(left);
    jest.advanceTimersByTime(1_000);
    expect(ends).toEqual([[1006, '', false]]);
  });

  it('tells why it closes, at once or by the next poll', async () => {
    const answers = poll(undefined, 500);
    transport.close(4000, 'done');
    await Promise.resolve();
    const close = '{"event":"nestwire:close","data":{"code":4000,"reason":"done"}}';
    expect(answers).toEqual([{ batch: 1, messages: [close] }]);
    expect(ends).toEqual([[4000, 'done', true]]);
  });

  it('ends without its client when that does not come for the news, nor for the rest of them', () => {
    for (const text of ['"first..."', '"second.."']) transport.send(text);
    transport.close(4000, 'done');
    poll();
    jest.advanceTimersByTime(99);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual([[4000, 'done', false]]);
  });

  it('drops what waits for a client that it cuts off', () => {
    transport.send('"a"');
    transport.cutOff(4413, 'too slow');
    expect(poll()[0]!.messages).toEqual([expect.stringContaining('4413')]);
    expect(ends).toEqual([[4413, 'too slow', true]]);
  });

  it('refuses to close with what no close frame could say', () => {
    expect(() => transport.close(1005, '')).toThrow(RangeError);
    expect(() => transport.close(4000, 'x'.repeat(124))).toThrow(RangeError);
  });

  it('says when to come back beside the message that says it is over', () => {
    transport.send('"a long one"');
    transport.close(1012, 'retry=250');
    expect(poll()).toEqual([{ batch: 1, messages: ['"a long one"'], retryMs: undefined }]);
    const close = '{"event":"nestwire:close","data":{"code":1012,"reason":"retry=250"}}';
    expect(poll(1)).toEqual([{ batch: 2, messages: [close], retryMs: 250 }]);
  });
});
