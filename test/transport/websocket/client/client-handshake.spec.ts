import { once } from 'node:events';
import { Agent, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { perMessageDeflate } from '../../../../lib/transport/websocket/deflate/permessage-deflate.js';
import {
  ClientHandshake,
  type Upgraded,
} from '../../../../lib/transport/websocket/client/client-handshake.js';
import type { ClientOptions } from '../../../../lib/transport/websocket/client/client-options.js';
import { sha1Base64 } from '../../../../lib/transport/websocket/sha1.js';
import { closeAll, httpServer, portOf } from '../clients.js';

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

let server: Server;
/** What the server was asked, in order. */
let requests: IncomingMessage[];
/** Further lines of the 101, by path. */
let answers: Record<string, string[]>;
let redirects: Record<string, string>;

beforeEach(async () => {
  requests = [];
  answers = {};
  redirects = {};
  server = await httpServer();
  server.on('upgrade', (request, socket) => {
    requests.push(request);
    const { url = '/', headers } = request;
    const location = redirects[url];
    if (location !== undefined) {
      return socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
    }
    if (url === '/refused') {
      return socket.end('HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Length: 2\r\n\r\nno');
    }
    if (url === '/endless') {
      socket.on('error', () => {});
      return socket.write(`HTTP/1.1 500 Oh\r\n\r\n${'x'.repeat(200_000)}`);
    }
    if (url === '/silent') return undefined;
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${sha1Base64(`${headers['sec-websocket-key']}${GUID}`)}`,
      ...(answers[url] ?? []),
    ];
    return socket.write(`${lines.join('\r\n')}\r\n\r\n${url === '/early' ? 'early' : ''}`);
  });
});

afterEach(closeAll);

interface Asked {
  readonly path?: string;
  readonly subprotocols?: readonly string[];
  readonly compress?: boolean;
  readonly options?: ClientOptions;
}

const urlOf = (path = '/'): URL => new URL(`http://127.0.0.1:${portOf(server)}${path}`);

/** A handshake, and its one outcome. */
function begin({ path, subprotocols = [], compress = false, options = {} }: Asked = {}) {
  let handshake!: ClientHandshake;
  const outcome = new Promise<Upgraded>((onUpgrade, onFailure) => {
    const offered = compress ? [perMessageDeflate()] : [];
    handshake = new ClientHandshake(urlOf(path), subprotocols, offered, options, {
      onUpgrade,
      onFailure,
    });
  });
  return { handshake, outcome };
}

async function open(asked?: Asked): Promise<Upgraded> {
  const upgraded = await begin(asked).outcome;
  upgraded.socket.destroy();
  return upgraded;
}

const failure = (asked?: Asked): Promise<unknown> =>
  begin(asked).outcome.then(
    () => 'opened',
    (error: unknown) => error,
  );

describe('the handshake of a client', () => {
  it('ends in a socket, and says what was agreed on', async () => {
    answers['/'] = ['Sec-WebSocket-Protocol: b', 'Sec-WebSocket-Extensions: permessage-deflate'];
    const upgraded = await open({ subprotocols: ['a', 'b'], compress: true });
    expect(upgraded).toMatchObject({ subprotocol: 'b', head: Buffer.alloc(0) });
    expect(upgraded.extensions).toMatchObject([{ name: 'permessage-deflate' }]);
    expect(upgraded.response.statusCode).toBe(101);
    expect(requests[0]!.headers).toMatchObject({
      'sec-websocket-protocol': 'a, b',
      'sec-websocket-extensions': expect.stringContaining('permessage-deflate') as unknown as string,
    });
  });

  it('hands over what came behind the answer', async () => {
    expect((await open({ path: '/early' })).head.toString()).toBe('early');
  });

  it('sends headers of the application, which can’t replace its own', async () => {
    const headers = { Authorization: 'Bearer x', 'Sec-WebSocket-Version': '8', Upgrade: 'h2c' };
    await open({ options: { headers, origin: 'https://example.com' } });
    expect(requests[0]!.headers).toMatchObject({
      authorization: 'Bearer x',
      'sec-websocket-version': '13',
      upgrade: 'websocket',
      origin: 'https://example.com',
    });
  });

  it('goes through an agent', async () => {
    const agent = new Agent();
    const connections = jest.spyOn(agent, 'createConnection');
    await open({ options: { agent } });
    expect(connections).toHaveBeenCalledTimes(1);
  });

  it('does not believe an answer to what was not asked', async () => {
    answers['/'] = ['Sec-WebSocket-Protocol: c'];
    expect(await failure({ subprotocols: ['a'] })).toMatchObject({ code: 'WS_ERR_INVALID_UPGRADE' });
    answers['/'] = ['Sec-WebSocket-Extensions: permessage-deflate'];
    expect(await failure()).toMatchObject({
      code: 'WS_ERR_INVALID_UPGRADE',
      message: 'extension permessage-deflate was not offered',
    });
  });
});

describe('a refusal', () => {
  it('is told with status, headers and body', async () => {
    expect(await failure({ path: '/refused' })).toMatchObject({
      code: 'WS_ERR_UNEXPECTED_RESPONSE',
      status: 403,
      headers: { 'x-why': 'because' },
      body: 'no',
    });
  });

  it('is told with 64 KiB of an endless body', async () => {
    const error = (await failure({ path: '/endless' })) as { body: string };
    expect(error.body).toHaveLength(65_536);
  });
});

describe('redirects', () => {
  const follow = { followRedirects: true };
  const secrets = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Other': 'c' };

  it('are refusals unless they may be followed', async () => {
    redirects['/'] = '/there';
    expect(await failure()).toMatchObject({ status: 302 });
    await open({ options: follow });
    expect(requests.map(({ url }) => url)).toEqual(['/', '/', '/there']);
  });

  it('take everything along to the same host', async () => {
    redirects['/'] = '/there';
    await open({ options: { ...follow, headers: secrets } });
    expect(requests[1]!.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b', 'x-other': 'c' });
  });

  it('take no credentials along to another', async () => {
    redirects['/'] = `ws://localhost:${portOf(server)}/there`;
    await open({ options: { ...follow, headers: secrets } });
    expect(requests[1]!.headers).toMatchObject({ 'x-other': 'c' });
    expect(requests[1]!.headers).not.toHaveProperty('authorization');
    expect(requests[1]!.headers).not.toHaveProperty('cookie');
  });

  it('ask with a new key each time', async () => {
    redirects['/'] = '/there';
    await open({ options: follow });
    const keys = requests.map(({ headers }) => headers['sec-websocket-key']);
    expect(new Set(keys).size).toBe(2);
  });

  it('are followed a bounded number of times', async () => {
    redirects['/'] = '/';
    expect(await failure({ options: { ...follow, maxRedirects: 3 } })).toMatchObject({
      code: 'WS_ERR_TOO_MANY_REDIRECTS',
      message: 'more than 3 redirects',
    });
    expect(requests).toHaveLength(4);
  });

  it('lead nowhere else', async () => {
    redirects['/'] = 'ftp://example.com/';
    expect(await failure({ options: follow })).toMatchObject({
      code: 'WS_ERR_BAD_REDIRECT',
      message: 'redirect to "ftp://example.com/"',
    });
  });
});

describe('an attempt', () => {
  it('has a time limit', async () => {
    expect(await failure({ path: '/silent', options: { handshakeTimeoutMs: 30 } })).toMatchObject({
      code: 'WS_ERR_HANDSHAKE_TIMEOUT',
      message: 'the handshake took over 30 ms',
    });
  });

  it.each([
    ['before it began', true],
    ['in its midst', false],
  ])('is ended by a signal %s', async (_when, isEarly) => {
    const abort = new AbortController();
    if (isEarly) abort.abort();
    const failed = failure({ path: '/silent', options: { signal: abort.signal } });
    if (!isEarly) {
      await once(server, 'upgrade');
      abort.abort();
    }
    expect(await failed).toMatchObject({ code: 'WS_ERR_ABORTED' });
    expect(requests).toHaveLength(isEarly ? 0 : 1);
  });

  it('has one outcome, whoever ends it again', async () => {
    const { handshake, outcome } = begin({ path: '/silent' });
    const failed = outcome.catch((error: unknown) => error);
    handshake.abort(new Error('first'));
    handshake.abort(new Error('second'));
    expect(await failed).toMatchObject({ message: 'first' });
  });

  it('fails when nobody listens', async () => {
    const url = urlOf();
    closeAll();
    await once(server, 'close');
    const failed = new Promise((onFailure) => {
      new ClientHandshake(url, [], [], {}, { onUpgrade: () => {}, onFailure });
    });
    expect(await failed).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
