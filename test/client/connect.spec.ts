import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '../../lib/client/connect.js';

/** As in a browser, where the class is the platform's or none. */
describe('Connecting where there is no WebSocket', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');

  beforeEach(() => {
    Reflect.deleteProperty(globalThis, 'WebSocket');
  });

  afterEach(() => {
    if (own) Object.defineProperty(globalThis, 'WebSocket', own);
  });

  it('begins with the next transport', async () => {
    const method = await new Promise((resolve) => {
      const client = connect('http://example.com/chat', {
        fetch: (_, init) => {
          resolve(init?.method);
          client.close();
          return new Promise(() => undefined);
        },
      });
    });
    expect(method).toBe('POST');
  });

  it.each([{ transports: ['websocket' as const] }, { resumable: false }])(
    'is an error when nothing else may be used: %j',
    (options) => {
      expect(() => connect('http://example.com/chat', options)).toThrow(
        'this platform has no WebSocket: give the option "WebSocket"',
      );
    },
  );

  it('takes the class that it is given', async () => {
    const url = await new Promise((resolve) => {
      class Given {
        onopen = null;
        onmessage = null;
        onclose = null;
        onerror = null;
        readyState = 0;
        binaryType = '';
        constructor(address: string) {
          resolve(address);
        }
        send(): void {}
        close(): void {}
      }
      const client = connect('http://example.com/chat', { WebSocket: Given, resumable: false });
      setTimeout(() => client.close());
    });
    expect(url).toBe('ws://example.com/chat');
  });
});
