import { describe, expect, it } from '@jest/globals';
import { json } from '../../../lib/client/codec/json.js';
import { webSocketTransport, type WebSocketLike } from '../../../lib/client/transport/web-socket.js';
import type { Encoded } from '../../../lib/protocol/codec/index.js';
import type { Ending } from '../../../lib/client/transport/transport.js';

class FakeSocket implements WebSocketLike {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  readyState = 0;
  binaryType = 'blob';
  readonly sent: Encoded[] = [];
  readonly closes: unknown[][] = [];

  constructor(
    readonly url: string,
    readonly protocols: string[] = [],
  ) {
    sockets.push(this);
  }

  send(text: Encoded): void {
    this.sent.push(text);
  }

  close(...args: unknown[]): void {
    this.closes.push(args);
  }
}

let sockets: FakeSocket[] = [];

function open(
  ticket = {},
  isOnly = false,
): {
  told: unknown[];
  socket: FakeSocket;
  transport: ReturnType<ReturnType<typeof webSocketTransport>>;
} {
  sockets = [];
  const told: unknown[] = [];
  const transport = webSocketTransport(FakeSocket, isOnly)(
    {
      url: new URL('https://example.com/chat?a=1'),
      subprotocols: ['chat.v1'],
      codec: json,
      session: undefined,
      isLost: false,
      cursors: undefined,
      token: undefined,
      ...ticket,
    },
    {
      opened: () => told.push('opened'),
      message: (message) => told.push(message),
      closed: (ending: Ending) => told.push(ending),
    },
  );
  return { told, socket: sockets[0]!, transport };
}

describe('The WebSocket transport of the client', () => {
  it('goes where the gateway is, with its protocols', () => {
    expect(open().socket).toMatchObject({ url: 'wss://example.com/chat?a=1', protocols: ['chat.v1'] });
  });

  it('asks for the session in the address', () => {
    expect(open({ session: 'id.secret' }).socket.url).toBe(
      'wss://example.com/chat?a=1&nestwire-session=id.secret',
    );
  });

  it('carries the token among the subprotocols, where browsers can put it', () => {
    expect(open({ token: 'tökén?>' }).socket.protocols).toEqual([
      'chat.v1',
      `bearer.${Buffer.from('tökén?>').toString('base64url')}`,
    ]);
  });

  it('tells what happens, and the hint of a close', () => {
    const { told, socket } = open();
    socket.onopen?.(undefined as never);
    socket.onmessage?.({ data: '{"event":"x"}' } as never);
    socket.onclose?.({ code: 1012, reason: 'retry=300' } as never);
    expect(told).toEqual(['opened', { event: 'x' }, { code: 1012, reason: 'retry=300', retryMs: 300 }]);
  });

  it('tells how long a server that is busy wants to be left alone, where the platform says so', () => {
    const { told, socket } = open();
    socket.onerror?.({ error: { status: 503, headers: { 'retry-after': '2' } } } as never);
    socket.onclose?.({ code: 1006, reason: '' } as never);
    expect(told).toEqual([{ code: 1006, reason: '', retryMs: 2_000, status: 503 }]);
  });

  it("tells nothing of other refusals, which may not be the server's", () => {
    const { told, socket } = open();
    socket.onerror?.({ error: { status: 403, headers: {} } } as never);
    socket.onclose?.({ code: 1006, reason: '' } as never);
    expect(told).toEqual([{ code: 1006, reason: '', retryMs: 0 }]);
  });

  it.each([401, 403])('tells of a %d where no other transport could ask', (status) => {
    const { told, socket } = open({}, true);
    socket.onerror?.({ error: { status, headers: {} } } as never);
    socket.onclose?.({ code: 1006, reason: '' } as never);
    expect(told).toEqual([{ code: 1006, reason: '', retryMs: 0, status }]);
  });

  it('leaves a connection that brings what is no message', () => {
    for (const data of ['{', new ArrayBuffer(1)]) {
      const { told, socket } = open();
      socket.onmessage?.({ data } as never);
      expect(told).toMatchObject([{ code: 1006, reason: expect.stringContaining('Error') }]);
      expect(socket.closes).toEqual([[4408]]);
    }
  });

  it('sends only while it is open', () => {
    const { transport, socket } = open();
    transport.send('early');
    socket.readyState = 1;
    transport.send('now');
    socket.readyState = 2;
    transport.send('late');
    expect(socket.sent).toEqual(['now']);
  });

  it('closes with the codes that a page may use, and without one otherwise', () => {
    const { transport, socket } = open();
    transport.close(4000, 'bye');
    transport.close(1001, 'leaving');
    expect(socket.closes).toEqual([[4000, 'bye'], []]);
  });

  it('tells nothing any more once it was abandoned', () => {
    const { transport, socket } = open();
    transport.abandon();
    expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([null, null, null]);
    // a close without a code would end the session
    expect(socket.closes).toEqual([[4408]]);
  });
});
