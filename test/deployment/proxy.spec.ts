/** What an application knows of clients that come through nginx. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, OnConnect } from 'nestwire';
import { type TestApp, startApp } from '../support/test-app.js';
import { Nginx } from './support/nginx.js';
import { ask } from './support/trusting.js';

/** Not that of nginx, which is 127.0.0.1. */
const CLIENT = '127.0.0.2';
const FORGED = {
  'X-Forwarded-For': '203.0.113.9',
  'X-Forwarded-Host': 'evil.example',
  Forwarded: 'for=203.0.113.9',
};
const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const CREATE = { 'Nestwire-Session': 'new' };

@Gateway('/who')
class WhoGateway {
  readonly came: unknown[] = [];

  @OnConnect()
  connect(@CurrentSession() { remoteAddress, headers }: GatewaySession): void {
    this.came.push([remoteAddress, headers['x-forwarded-proto'], headers['forwarded']]);
  }
}

describe('An application behind nginx as it is shipped', () => {
  let node: TestApp;
  let nginx: Nginx;

  beforeEach(async () => {
    const nestwire = { trustedProxies: ['127.0.0.1'] };
    node = await startApp({ module: { providers: [WhoGateway] }, nestwire });
    nginx = await Nginx.start([node.address]);
  });

  afterEach(async () => {
    await nginx.stop();
    await node.close();
  });

  async function come(headers: Record<string, string>, method = 'GET'): Promise<number> {
    const answer = await ask(`https://127.0.0.1:${nginx.port}/who`, {
      ca: nginx.certificate,
      localAddress: CLIENT,
      method,
      headers,
    });
    return answer.statusCode!;
  }

  it("knows the client's own address, whatever the client says of it", async () => {
    expect(await come({ ...UPGRADE, ...FORGED })).toBe(101);
    const { came } = node.app.get(WhoGateway);
    expect(came).toEqual([[CLIENT, 'https', undefined]]);
  });

  it('takes pages of its own host for its own, and no others', async () => {
    const own = `https://127.0.0.1:${nginx.port}`;
    expect(await come({ ...UPGRADE, Origin: own })).toBe(101);
    expect(await come({ ...CREATE, Origin: own }, 'POST')).toBe(201);
    expect(await come({ ...UPGRADE, ...FORGED, Origin: 'https://evil.example' })).toBe(403);
    expect(await come({ ...CREATE, ...FORGED, Origin: 'https://evil.example' }, 'POST')).toBe(403);
  });
});
