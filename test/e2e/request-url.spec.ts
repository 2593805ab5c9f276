/** What handlers read as the URL of the request that a client came with, however the platform mounts gateways. */
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Req } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, SseEndpoint } from 'nestwire';
import { type Observable, of } from 'rxjs';
import { HttpGatewayClient } from '../support/http-gateway-client.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/rooms/:room')
class RoomGateway {
  readonly sessions: GatewaySession[] = [];

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.sessions.push(session);
  }

  @SseEndpoint('news')
  news(@Req() { url }: IncomingMessage): Observable<unknown> {
    return of({ url });
  }
}

const PATH = '/api/rooms/caf%C3%A9';
const QUERY = '?x=1&y=%2F';

describe.each<Platform>(['Express', 'Fastify'])(
  'The URL of a request on %s is as it was sent',
  (platform) => {
    let running: TestApp;
    let gateway: RoomGateway;

    beforeAll(async () => {
      running = await startApp({
        platform,
        module: { providers: [RoomGateway] },
        prepare: (app) => app.setGlobalPrefix('api'),
      });
      gateway = running.app.get(RoomGateway);
    });

    afterAll(() => running.close());

    const newest = (): GatewaySession => gateway.sessions.at(-1)!;

    it('over a WebSocket', async () => {
      const client = await WsClient.connect(`ws://${running.address}${PATH}${QUERY}`);
      expect(newest().request.url).toBe(PATH + QUERY);
      expect(newest()).toMatchObject({ url: PATH + QUERY, params: { room: 'café' } });
      await client.close();
    });

    it('over plain HTTP: of the POST that made the session, then of the GET that connected it', async () => {
      const client = new HttpGatewayClient(`http://${running.address}${PATH}${QUERY}`);
      await client.create();
      expect(newest().request).toMatchObject({ method: 'POST', url: PATH + QUERY });

      await client.poll();
      expect(newest().request).toMatchObject({ method: 'GET', url: PATH + QUERY });
      await client.request('DELETE', {});
    });

    it('in an @SseEndpoint of a gateway', async () => {
      const response = await fetch(`http://${running.address}${PATH}/news${QUERY}`);
      expect(await response.text()).toContain(JSON.stringify({ url: `${PATH}/news${QUERY}` }));
    });
  },
);
