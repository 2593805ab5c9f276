import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandshakeError } from '../../../lib/protocol/websocket/index.js';
import { selectSubprotocol, verify } from '../../../lib/transport/websocket/server-handshake.js';
import type { VerifyInfo, WebSocketServerOptions } from '../../../lib/transport/websocket/server-options.js';
import { fakeTimeouts } from '../../support/fake-timeouts.js';
import { FakeSocket } from './fake-socket.js';

const TIMEOUT_MS = 1000;
let request: IncomingMessage;
let socket: FakeSocket;

beforeEach(() => {
  fakeTimeouts();
  request = new IncomingMessage(new Socket());
  request.headers = { host: 'good.com' };
  socket = new FakeSocket();
});

afterEach(() => {
  jest.useRealTimers();
  socket.destroy();
});

type Verify = NonNullable<WebSocketServerOptions['verifyClient']>;

const asked = (verifyClient: Verify): Promise<void> =>
  verify(
    { verifyClient },
    TIMEOUT_MS,
    { origin: 'https://good.com', remoteAddress: '192.0.2.1', req: request },
    socket,
  );

const refused = (status: number, message: string) =>
  expect.objectContaining({ name: 'HandshakeError', status, message });

describe('verifyClient', () => {
  it.each<[string, Verify]>([
    ['true', () => true],
    ['a promise of true', () => Promise.resolve(true)],
  ])('lets a client in with %s', async (_what, verifyClient) => {
    await expect(asked(verifyClient)).resolves.toBeUndefined();
  });

  it.each<[string, Verify]>([
    ['false', () => false],
    ['a promise of false', () => Promise.resolve(false)],
    ['nothing', (() => undefined) as unknown as Verify],
  ])('refuses with %s by 401', async (_what, verifyClient) => {
    await expect(asked(verifyClient)).rejects.toEqual(refused(401, 'the connection was not authorized'));
  });

  it('refuses with a HandshakeError by its own status', async () => {
    const error = new HandshakeError(429, 'slow down', { 'Retry-After': '3' });
    const throwing: Verify = () => {
      throw error;
    };
    await expect(asked(throwing)).rejects.toBe(error);
    await expect(asked(() => Promise.reject(error))).rejects.toBe(error);
  });

  it('refuses with anything else thrown by 500, which says nothing of it', async () => {
    const throwing: Verify = () => {
      throw new Error('password of the database');
    };
    await expect(asked(throwing)).rejects.toEqual(refused(500, 'the handshake failed'));
    await expect(asked(() => Promise.reject(new Error('secret')))).rejects.toEqual(
      refused(500, 'the handshake failed'),
    );
  });

  it('is told the origin, the request, and whether the connection is encrypted', async () => {
    const infos: VerifyInfo[] = [];
    const verifyClient: Verify = (info) => {
      infos.push(info);
      return true;
    };
    await asked(verifyClient);
    Object.assign(socket, { encrypted: true });
    await asked(verifyClient);
    expect(infos).toMatchObject([
      { origin: 'https://good.com', secure: false },
      { origin: 'https://good.com', secure: true },
    ]);
    expect(infos[0]).toMatchObject({ req: request, remoteAddress: '192.0.2.1' });
  });

  it('refuses by 503 when it takes too long, and is told', async () => {
    let signal: AbortSignal | undefined;
    const deciding = asked((info) => {
      signal = info.signal;
      return new Promise(() => {});
    });
    const outcome = expect(deciding).rejects.toEqual(refused(503, 'the handshake took over 1000 ms'));
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
    expect(signal!.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await outcome;
    expect(signal!.aborted).toBe(true);
  });

  it('is told when the peer leaves meanwhile', async () => {
    let signal: AbortSignal | undefined;
    const deciding = asked((info) => {
      signal = info.signal;
      return new Promise(() => {});
    });
    const outcome = expect(deciding).rejects.toEqual(refused(400, 'the peer left'));
    await turn();
    socket.destroy();
    await outcome;
    expect(signal!.aborted).toBe(true);
  });

  it.each<[string, Verify]>([
    ['it decided', () => true],
    ['it refused', () => false],
    ['it failed', () => Promise.reject(new Error('x'))],
  ])('leaves no timer and no listener behind once %s', async (_what, verifyClient) => {
    await asked(verifyClient).catch(() => {});
    expect(jest.getTimerCount()).toBe(0);
    expect(socket.listenerCount('close')).toBe(0);
  });

  it('may fail after the time was up without an unhandled rejection', async () => {
    let fail: (error: Error) => void = () => {};
    const deciding = asked(() => new Promise((_, reject) => (fail = reject)));
    const outcome = expect(deciding).rejects.toMatchObject({ status: 503 });
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
    await outcome;
    // An unhandled rejection would fail this test
    fail(new Error('too late'));
    await turn();
  });
});

describe('selecting a subprotocol', () => {
  const select = (options: WebSocketServerOptions, offered: readonly string[]): string | undefined =>
    selectSubprotocol(options, offered, request);

  it.each<[string, readonly string[] | undefined, readonly string[], string | undefined]>([
    ['the client’s first among those served', ['a', 'b'], ['b', 'a'], 'b'],
    ['the first that is served at all', ['b'], ['a', 'b'], 'b'],
    ['none where none is served', ['c'], ['a', 'b'], undefined],
    ['none where we serve none', undefined, ['a'], undefined],
    ['none where none is offered', ['a'], [], undefined],
    ['none that differs in case', ['Chat'], ['chat'], undefined],
    ['none that only objects have', ['chat'], ['constructor', '__proto__', 'toString'], undefined],
  ])('takes %s', (_what, protocols, offered, expected) => {
    expect(select(protocols ? { protocols } : {}, offered)).toBe(expected);
  });

  it('is up to handleProtocols where there is one', () => {
    const handleProtocols = jest.fn<NonNullable<WebSocketServerOptions['handleProtocols']>>(() => 'b');
    expect(select({ protocols: ['a'], handleProtocols }, ['a', 'b'])).toBe('b');
    expect(handleProtocols.mock.calls).toEqual([[new Set(['a', 'b']), request]]);
  });

  it('takes none where handleProtocols says false', () => {
    expect(select({ handleProtocols: () => false }, ['a'])).toBeUndefined();
  });

  it('does not ask handleProtocols where nothing is offered', () => {
    const handleProtocols = jest.fn(() => 'a');
    expect(select({ handleProtocols }, [])).toBeUndefined();
    expect(handleProtocols).not.toHaveBeenCalled();
  });
});
