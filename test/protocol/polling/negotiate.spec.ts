import { describe, expect, it } from '@jest/globals';
import { chooseForm, readWaitMs } from '../../../lib/protocol/polling/index.js';

describe('the form of a stream', () => {
  it.each([
    [undefined, 'event-stream'],
    ['', 'event-stream'],
    ['*/*', 'event-stream'],
    ['text/event-stream', 'event-stream'],
    ['TEXT/Event-Stream', 'event-stream'],
    ['text/*', 'event-stream'],
    ['application/json', 'json'],
    ['application/*;q=0.5', 'json'],
    ['application/json, text/event-stream', 'event-stream'],
    ['application/json, text/event-stream;q=0.9', 'json'],
    ['application/json;q=0.2, */*;q=0.1', 'json'],
    ['text/event-stream;q=0, */*', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'event-stream'],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    ['application/json;q=2', undefined],
    [',;/', undefined],
  ])('for Accept: %s is %s', (accept, form) => {
    expect(chooseForm(accept)).toBe(form);
  });
});

describe('the time that a poll waits', () => {
  it.each([
    [undefined, undefined],
    ['wait=10', 10_000],
    ['wait=0', 0],
    ['Wait="7"', 7_000],
    ['wait = 7', 7_000],
    ['respond-async, wait=5; x=y', 5_000],
    ['wait=5, wait=6', 5_000],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=9999999999999', undefined],
    ['await=5', undefined],
  ])('for Prefer: %s is %s ms', (prefer, ms) => {
    expect(readWaitMs(prefer)).toBe(ms);
  });
});
