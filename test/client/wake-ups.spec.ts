import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { watchWakeUps } from '../../lib/client/wake-ups.js';

/** What of a browser's window is looked at; Node has the same event targets. */
describe('What wakes a client up', () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: false });
  const globals = globalThis as Record<string, unknown>;
  let woken = 0;
  let stop: () => void;

  beforeEach(() => {
    woken = 0;
    document.hidden = false;
    globals['addEventListener'] = window.addEventListener.bind(window);
    globals['removeEventListener'] = window.removeEventListener.bind(window);
    globals['document'] = document;
    stop = watchWakeUps(() => woken++);
  });

  afterEach(() => {
    stop();
    for (const name of ['addEventListener', 'removeEventListener', 'document'])
      Reflect.deleteProperty(globals, name);
  });

  it.each(['online', 'pageshow'])('is the event %s', (type) => {
    window.dispatchEvent(new Event(type));
    expect(woken).toBe(1);
  });

  it('is a page that comes into view, not one that leaves it', () => {
    document.dispatchEvent(new Event('visibilitychange'));
    document.hidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(woken).toBe(1);
  });

  it('is nothing once the client has stopped watching', () => {
    stop();
    window.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(woken).toBe(0);
  });

  it('is nothing where there is no window', () => {
    Reflect.deleteProperty(globals, 'addEventListener');
    Reflect.deleteProperty(globals, 'document');
    expect(() => watchWakeUps(() => undefined)()).not.toThrow();
  });
});
