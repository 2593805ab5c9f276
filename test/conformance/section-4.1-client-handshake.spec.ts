/** What a client has to ask, and which answers it may believe. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket, type ClientOptions } from 'nestwire/websocket';
import { type Pair, RawServer } from '../support/client-under-test.js';
import { close, encodeFrame, text } from '../support/raw-peer-frames.js';
import { header, type ResponseChanges, upgradeResponse } from '../support/raw-peer-http.js';

describe('RFC 6455 §4.1, the client in the opening handshake', () => {
  let server: RawServer;

  beforeEach(async () => {
    server = new RawServer();
    await server.start();
  });

  afterEach(() => server.stop());

  /** Everything that the application is told until the end. */
  async function outcomeOf({ client, peer }: Pair): Promise<{ told: string[]; error: Error | undefined }> {
    const told: string[] = [];
    let error: Error | undefined;
    client.on('open', () => told.push('open'));
    client.on('message', () => told.push('message'));
    client.on('error', (reason) => {
      told.push('error');
      error = reason;
    });
    await new Promise<void>((resolve) => client.once('close', () => resolve()));
    peer.destroy();
    return { told, error };
  }

  async function answer(
    changes: ResponseChanges,
    protocols: readonly string[] = [],
    options: ClientOptions = {},
  ): ReturnType<typeof outcomeOf> {
    const pair = await server.ask(protocols, options);
    const outcome = outcomeOf(pair);
    pair.peer.write(upgradeResponse(pair.request, changes));
    return outcome;
  }

  it('asks with GET, HTTP/1.1, Host, Upgrade, Connection, version 13, and nothing that was not wished', async () => {
    const { client, peer, request } = await server.ask([], {}, {}, '/path?query=1');
    expect(request.requestLine).toBe('GET /path?query=1 HTTP/1.1');
    expect(header(request, 'host')).toBe(new URL(server.url).host);
    expect(header(request, 'upgrade')?.toLowerCase()).toBe('websocket');
    expect(header(request, 'connection')).toMatch(/^upgrade$/i);
    expect(header(request, 'sec-websocket-version')).toBe('13');
    for (const name of ['origin', 'sec-websocket-protocol', 'sec-websocket-extensions', 'content-length']) {
      expect(header(request, name)).toBeUndefined();
    }
    client.on('error', () => {});
    client.terminate();
    peer.destroy();
  });

  it('asks with 16 bytes of key, new for every connection', async () => {
    const keys = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const { client, peer, request } = await server.ask();
      const key = header(request, 'sec-websocket-key')!;
      expect(Buffer.from(key, 'base64')).toHaveLength(16);
      expect(Buffer.from(key, 'base64').toString('base64')).toBe(key);
      keys.add(key);
      client.on('error', () => {});
      client.terminate();
      peer.destroy();
    }
    expect(keys.size).toBe(20);
  });

  it('asks for subprotocols, extensions and an origin where they are wished, and takes the answer', async () => {
    const options = { origin: 'https://good.com', perMessageDeflate: true, headers: { 'X-Own': 'own' } };
    const { client, peer, request } = await server.ask(['v2', 'v1'], options);
    expect(header(request, 'sec-websocket-protocol')?.replaceAll(' ', '')).toBe('v2,v1');
    expect(header(request, 'sec-websocket-extensions')).toMatch(/^permessage-deflate/);
    expect(header(request, 'origin')).toBe('https://good.com');
    expect(header(request, 'x-own')).toBe('own');
    const opened = once(client, 'open');
    const selected = { 'Sec-WebSocket-Protocol': 'v1', 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    peer.write(upgradeResponse(request, { headers: selected }));
    await opened;
    expect(client.protocol).toBe('v1');
    expect(client.extensions).toBe('permessage-deflate');
    client.terminate();
    peer.destroy();
  });

  it.each<[string, ResponseChanges]>([
    ['as it should be', {}],
    ['with tokens in other letters', { headers: { Upgrade: 'WebSocket', Connection: 'upgrade' } }],
    ['with Connection among others', { headers: { Connection: 'keep-alive, Upgrade' } }],
    ['with another reason phrase', { statusLine: 'HTTP/1.1 101 Web Socket Protocol Handshake' }],
    ['without a reason phrase', { statusLine: 'HTTP/1.1 101 ' }],
    ['with headers that it does not know', { headers: { 'Set-Cookie': ['a=b', 'c=d'], 'X-Unknown': 'x' } }],
  ])('believes an answer %s', async (_, changes) => {
    const { client, peer } = await server.open(changes);
    client.send('Hello');
    peer.startFrames();
    client.terminate();
    peer.destroy();
    expect(client.protocol).toBe('');
  });

  it.each<[string, ResponseChanges]>([
    ['no Upgrade', { headers: { Upgrade: null } }],
    ['another Upgrade', { headers: { Upgrade: 'h2c' } }],
    ['no Connection', { headers: { Connection: null } }],
    ['another Connection', { headers: { Connection: 'keep-alive' } }],
    ['no accept value', { headers: { 'Sec-WebSocket-Accept': null } }],
    ['an empty accept value', { headers: { 'Sec-WebSocket-Accept': '' } }],
    [
      'the accept value of another key',
      { headers: { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' } },
    ],
    ['a subprotocol that nobody asked for', { headers: { 'Sec-WebSocket-Protocol': 'chat' } }],
    ['an extension that nobody asked for', { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } }],
    ['a list of extensions that is none', { headers: { 'Sec-WebSocket-Extensions': 'a;;b' } }],
  ])('fails at %s, and ends the connection', async (_, changes) => {
    const { told, error } = await answer({
      ...changes,
      body: encodeFrame(text('x'), 'server').toString('latin1'),
    });
    expect(told).toEqual(['error']);
    expect(error).toBeInstanceOf(Error);
  });

  it.each([
    ['another one than those offered', 'v3'],
    ['one in other letters', 'V1'],
    ['two of them', 'v1, v2'],
    ['two of them in two headers', ['v1', 'v2']],
    ['none', null],
    ['an empty one', ''],
  ])('fails when the server selects of the subprotocols %s', async (_, selected) => {
    expect((await answer({ headers: { 'Sec-WebSocket-Protocol': selected } }, ['v1', 'v2'])).told).toEqual([
      'error',
    ]);
  });

  it.each([
    'permessage-deflate; unknown',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; client_max_window_bits=08',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate, permessage-deflate',
    'permessage-deflate, x-other',
  ])('fails when the server answers the extension with "%s"', async (extensions) => {
    const changes = { headers: { 'Sec-WebSocket-Extensions': extensions } };
    expect((await answer(changes, [], { perMessageDeflate: true })).told).toEqual(['error']);
  });

  it.each([400, 401, 403, 404, 426, 500, 503])(
    'tells a refusal with %d, its headers and its body',
    async (status) => {
      const { told, error } = await answer({
        statusLine: `HTTP/1.1 ${status} No`,
        headers: { Upgrade: null, 'Content-Length': '9', 'WWW-Authenticate': 'Basic realm="x"' },
        body: 'not today',
      });
      expect(told).toEqual(['error']);
      expect(error).toMatchObject({ status, body: 'not today' });
      expect(error).toMatchObject({ headers: { 'www-authenticate': 'Basic realm="x"' } });
    },
  );

  it('does not keep more of a refusal than it can show', async () => {
    const pair = await server.ask();
    const outcome = outcomeOf(pair);
    pair.peer.write('HTTP/1.1 403 No\r\n\r\n');
    void pair.peer.send(Buffer.alloc(8 * 1024 * 1024, 'x'));
    const { error } = await outcome;
    expect((error as unknown as { body: string }).body.length).toBeLessThanOrEqual(64 * 1024);
  });

  it('does not follow a redirect that nobody allowed', async () => {
    const location = { Upgrade: null, Location: 'ws://localhost:1/', 'Content-Length': '0' };
    const { error } = await answer({ statusLine: 'HTTP/1.1 302 Found', headers: location });
    expect(error).toMatchObject({ status: 302 });
  });

  it.each([
    ['ends the connection', (pair: Pair) => void pair.peer.socket.end()],
    ['resets the connection', (pair: Pair) => pair.peer.reset()],
    ['answers with garbage', (pair: Pair) => pair.peer.write('220 smtp.example ESMTP\r\n')],
    ['answers with half a head and ends', (pair: Pair) => void pair.peer.socket.end('HTTP/1.1 101 Swi')],
    ['says nothing', () => {}],
    ['says one byte', (pair: Pair) => pair.peer.write('H')],
  ])('tells one error when the server %s instead of answering', async (_, act) => {
    const pair = await server.ask([], { handshakeTimeoutMs: 1_000 });
    const outcome = outcomeOf(pair);
    act(pair);
    expect((await outcome).told).toEqual(['error']);
  });

  it('delivers frames that came with the answer once, after open', async () => {
    const pair = await server.ask();
    const told: string[] = [];
    pair.client.on('open', () => told.push('open'));
    pair.client.on('message', (data) => told.push((data as Buffer).toString()));
    const frames = [text('one'), text('two'), close(1000)].map((spec) => encodeFrame(spec, 'server'));
    pair.peer.write(Buffer.concat([upgradeResponse(pair.request), ...frames]));
    expect((await pair.peer.next()).kind).toBe('close');
    pair.peer.socket.end();
    await once(pair.client, 'close');
    expect(told).toEqual(['open', 'one', 'two']);
  });

  // §5.3: "The masking key needs to be unpredictable"
  it('masks every frame with a key of its own', async () => {
    const { client, peer } = await server.open();
    const keys: string[] = [];
    const chunks: Buffer[] = [];
    peer.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (let i = 0; i < 200; i++) client.send('x'.repeat(10));
    while (peer.received.length < 200) await once(peer.socket, 'data');
    const bytes = Buffer.concat(chunks);
    for (let at = 0; at < bytes.length; at += 16) keys.push(bytes.toString('hex', at + 2, at + 6));
    expect(keys).toHaveLength(200);
    expect(new Set(keys).size).toBeGreaterThan(195);
    client.terminate();
    peer.destroy();
  });

  it.each(['ftp://localhost/', 'ws://localhost/#fragment', 'localhost', '', 'ws://'])(
    'refuses the address %j before connecting',
    (address) => {
      expect(() => new WebSocket(address)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    },
  );

  it.each([[['a', 'a']], [['a b']], [['']], [['a,b']], [['é']]])(
    'refuses the subprotocols %j before connecting',
    (protocols) => {
      expect(() => new WebSocket(server.url, protocols)).toThrow(
        expect.objectContaining({ name: 'SyntaxError' }),
      );
    },
  );
});
