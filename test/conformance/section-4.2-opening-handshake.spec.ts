/** What a server has to accept. What it has to refuse is in test/hostile. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeFrame, text } from '../support/raw-peer-frames.js';
import {
  acceptFor,
  exampleKey,
  header,
  type RequestChanges,
  upgradeRequest,
} from '../support/raw-peer-http.js';
import { ServerUnderTest } from '../support/server-under-test.js';

const headers = (changes: RequestChanges['headers'] & object): RequestChanges => ({ headers: changes });

describe('RFC 6455 §4.2, the server in the opening handshake', () => {
  let server: ServerUnderTest;

  beforeEach(async () => {
    server = await ServerUnderTest.start({ path: '/ws' });
  });

  afterEach(() => server.stop());

  async function ask(
    changes: RequestChanges,
  ): ReturnType<Awaited<ReturnType<typeof server.connect>>['upgrade']> {
    const peer = await server.connect();
    const response = await peer.upgrade({ target: '/ws', ...changes });
    peer.destroy();
    return response;
  }

  it('answers with 101, the upgrade, and the accept value of §1.3', async () => {
    const response = await ask({});
    expect(response).toMatchObject({ status: 101, reason: 'Switching Protocols', body: '' });
    expect(response.headers).toEqual([
      ['upgrade', 'websocket'],
      ['connection', 'Upgrade'],
      ['sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ]);
  });

  it('computes the accept value of any key', async () => {
    for (const bytes of [Buffer.alloc(16), Buffer.alloc(16, 0xff), Buffer.from('0123456789abcdef')]) {
      const key = bytes.toString('base64');
      const response = await ask(headers({ 'Sec-WebSocket-Key': key }));
      expect(header(response, 'sec-websocket-accept')).toBe(acceptFor(key));
    }
  });

  it.each<[string, RequestChanges]>([
    ['Upgrade in capitals', headers({ Upgrade: 'WEBSOCKET' })],
    ['Upgrade among others', headers({ Upgrade: 'h2c, websocket' })],
    ['Upgrade in two headers', headers({ Upgrade: ['h2c', 'websocket'] })],
    ['Connection in small letters', headers({ Connection: 'upgrade' })],
    ['Connection among others', headers({ Connection: 'keep-alive, Upgrade' })],
    ['Connection in two headers', headers({ Connection: ['keep-alive', 'Upgrade'] })],
    [
      'names in capitals',
      { headers: { 'Sec-WebSocket-Key': null }, rawLines: [`SEC-WEBSOCKET-KEY: ${exampleKey}`] },
    ],
    ['blanks around the key', headers({ 'Sec-WebSocket-Key': `  ${exampleKey} \t` })],
    ['a query', { target: '/ws?a=b&c=%20' }],
    ['an empty query', { target: '/ws?' }],
    ['an absolute target', { target: 'http://localhost/ws' }],
    ['an absolute target with a query', { target: 'http://LOCALHOST/ws?x' }],
    ['a Host with a port', headers({ Host: 'localhost:8080' })],
    ['a Host that is an IPv6 address', headers({ Host: '[::1]:8080' })],
    ['a body of no bytes', headers({ 'Content-Length': '0' })],
    ['headers that it does not know', headers({ 'X-Unknown': 'x', 'Sec-WebSocket-Unknown': 'y' })],
    ['an extension that it does not know', headers({ 'Sec-WebSocket-Extensions': 'x-unknown; a="b"; c' })],
  ])('takes %s', async (_, changes) => {
    expect((await ask(changes)).status).toBe(101);
  });

  it.each(['/', '/other', '/ws/', '/WS', '/%77s', '/ws/../ws'])(
    'answers the path %s with 404',
    async (target) => {
      const response = await ask({ target });
      expect(response.status).toBe(404);
      expect(header(response, 'connection')).toBe('close');
    },
  );

  it('serves HTTP requests of the same server as before', async () => {
    server.onRequest = (_, response) => response.end('an answer');
    const response = await fetch(`http://127.0.0.1:${server.port}/ws`);
    expect(await response.text()).toBe('an answer');
  });

  it.each(['ask first', 'ask behind a request'])(
    'takes frames that came with the handshake once: %s',
    async (how) => {
      const peer = await server.connect();
      if (how === 'ask behind a request') {
        peer.write('GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n');
        await peer.until('first answer', () => peer.rawText.includes('404 Not Found') || undefined);
      }
      const frames = ['one', 'two'].map((words) => encodeFrame(text(words), 'client'));
      const early = upgradeRequest({ target: '/ws' });
      peer.write(Buffer.concat([early, frames[0]!, frames[1]!.subarray(0, 3)]));
      peer.write(frames[1]!.subarray(3));
      await peer.until('101', () => peer.rawText.includes('101 Switching') || undefined);
      await peer.until('echoes', () => /one.*two/s.test(peer.rawText) || undefined);
      expect(peer.rawText.match(/one|two/g)).toEqual(['one', 'two']);
      peer.destroy();
    },
  );
});
