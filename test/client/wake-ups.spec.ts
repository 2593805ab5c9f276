import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { watchWakeUps } from '../../lib/client/wake-ups.js';

/** What of a browser's window is looked at; Node has the same event targets. */
describe('What wakes a client up', () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: false });
  const globals = globalThis as Record<string, unknown>;
  let heard: string[];
  let stop: () => void;

  beforeEach(() => {
    heard = [];
    document.hidden = false;
    globals['addEventListener'] = window.addEventListener.bind(window);
    globals['removeEventListener'] = window.removeEventListener.bind(window);
    globals['document'] = document;
    stop = watchWakeUps({
      wake: () => heard.push('wake'),
      offline: () => heard.push('offline'),
      online: () => heard.push('online'),
    });
  });

  afterEach(() => {
    stop();
    for (const name of ['addEventListener', 'removeEventListener', 'document'])
      Reflect.deleteProperty(globals, name);
  });

  it('is the event pageshow', () => {
    window.dispatchEvent(new Event('pageshow'));
    expect(heard).toEqual(['wake']);
  });

  it('is told apart from the network, which goes and comes', () => {
    window.dispatchEvent(new Event('offline'));
    window.dispatchEvent(new Event('online'));
    expect(heard).toEqual(['offline', 'online']);
  });

  it('is a page that comes into view, not one that leaves it', () => {
    document.dispatchEvent(new Event('visibilitychange'));
    document.hidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
    expect(heard).toEqual(['wake']);
  });

  it('is nothing once the client has stopped watching', () => {
    stop();
    for (const type of ['offline', 'online', 'pageshow']) window.dispatchEvent(new Event(type));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(heard).toEqual([]);
  });

  it('is nothing where there is no window', () => {
    Reflect.deleteProperty(globals, 'addEventListener');
    Reflect.deleteProperty(globals, 'document');
    expect(() => watchWakeUps({ wake: () => undefined, online: () => undefined })()).not.toThrow();
  });
});
