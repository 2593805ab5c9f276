import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { SentCallbacks } from '../../../lib/transport/websocket/sent-callbacks.js';

let callbacks: SentCallbacks;
let called: [name: string, error?: string][];

beforeEach(() => {
  callbacks = new SentCallbacks();
  called = [];
  for (const [name, position] of [
    ['a', 10],
    ['b', 20],
    ['c', 20],
    ['d', 30],
  ] as const) {
    callbacks.add(position, (error) => called.push(error ? [name, error.message] : [name]));
  }
});

describe('callbacks of sends', () => {
  it('come once everything up to their place was sent, in order', async () => {
    callbacks.sent(9);
    await turn();
    expect(called).toEqual([]);
    callbacks.sent(20);
    await turn();
    expect(called).toEqual([['a'], ['b'], ['c']]);
    callbacks.sent(31);
    await turn();
    expect(called).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('come once', async () => {
    callbacks.sent(30);
    callbacks.sent(30);
    callbacks.failed(new Error('late'));
    await turn();
    expect(called).toHaveLength(4);
  });

  it('never come within the call that sends', async () => {
    callbacks.sent(100);
    expect(called).toEqual([]);
    await turn();
    callbacks.failed(new Error('now'));
    expect(called).toHaveLength(4);
  });

  it('come with the error when sending failed, but for those sent before', async () => {
    callbacks.sent(10);
    callbacks.failed(new Error('gone'));
    await turn();
    expect(called).toEqual([['a'], ['b', 'gone'], ['c', 'gone'], ['d', 'gone']]);
  });

  it('come with the error behind a place, where only what follows it failed', async () => {
    callbacks.failed(new Error('dropped'), 10);
    await turn();
    expect(called).toEqual([
      ['b', 'dropped'],
      ['c', 'dropped'],
      ['d', 'dropped'],
    ]);
    callbacks.failed(new Error('nothing there'), 10);
    callbacks.sent(10);
    await turn();
    expect(called.at(-1)).toEqual(['a']);
    expect(called).toHaveLength(4);
  });

  it('may be added again after a failure', async () => {
    callbacks.failed(new Error('gone'));
    callbacks.add(40, () => called.push(['e']));
    callbacks.sent(40);
    await turn();
    expect(called.at(-1)).toEqual(['e']);
  });
});
