import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Channel } from 'nestwire';
import { FeedGateway } from '../support/feed-gateway.js';
import { type Envelope, HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { connectRaw, readAll } from '../support/raw-http.js';
import { WsClient } from '../support/ws-client.js';

const JSON_TYPE = { 'Content-Type': 'application/nestwire+json' };

describe.each<Platform>(['Express', 'Fastify'])(
  'A session over plain HTTP that is gone, on %s',
  (platform) => {
    let running: TestApp;
    let gateway: FeedGateway;
    let client: HttpGatewayClient;
    let batch: number | undefined;

    beforeEach(async () => {
      batch = undefined;
      const nestwire = { limits: { messageBytes: 2_000, handshakeMs: 1_000, channels: 2, closeWaitMs: 100 } };
      running = await startApp({ platform, module: { providers: [FeedGateway] }, nestwire });
      gateway = running.app.get(FeedGateway);
      client = new HttpGatewayClient(`http://${running.address}/feed`);
    });

    afterEach(async () => {
      for (const session of gateway.sessions) session.close();
      await running.close();
    });

    const create = async (body: string, headers: Record<string, string> = JSON_TYPE): Promise<number> => {
      client.ticket = 'new';
      const answer = await client.request('POST', headers, body);
      for (const message of messagesOf(answer)) client.learn(message);
      return answer.status;
    };

    /** Where a client stands that has the newest publication of both channels. */
    async function cursorsNow(): Promise<Record<string, string>> {
      const newest = async (channel: Channel<number>): Promise<string> =>
        (await channel.history()).at(-1)!.cursor!;
      return { news: await newest(gateway.news), more: await newest(gateway.more) };
    }

    /** The session has heard of the first publications, and is gone when the second come. */
    async function loseSession(): Promise<Record<string, string>> {
      for (const channel of [gateway.news, gateway.more]) await channel.publish(1);
      const cursors = await cursorsNow();
      await client.create();
      await client.poll();
      gateway.sessions[0]!.close();
      for (const channel of [gateway.news, gateway.more]) await channel.publish(2);
      client.ticket = 'new';
      return cursors;
    }

    /** What comes by as many polls as it takes. */
    async function gather(count: number): Promise<Envelope[]> {
      const messages: Envelope[] = [];
      while (messages.length < count) {
        const answer = await client.poll(batch, 5);
        batch = answer.body?.['batch'] as number | undefined;
        messages.push(...messagesOf(answer));
      }
      return messages;
    }

    const told = (messages: Envelope[]): unknown[] =>
      messages.map(({ event, channel, data }) => [event, channel ?? data!['channel'], data]);

    const position = (channel: string, recovered: boolean): unknown =>
      expect.objectContaining({ channel, recovered, cursor: expect.any(String) });

    it('goes on in its channels by the cursors that the client brings', async () => {
      const cursors = await loseSession();
      expect(await create(JSON.stringify({ cursors }))).toBe(201);

      expect(told(await gather(3))).toEqual([
        ['nestwire:session', undefined, expect.objectContaining({ resumed: false })],
        ['nestwire:joined', 'news', position('news', true)],
        ['news', 'news', 2],
      ]);
      await client.post(1, [{ event: 'more' }]);
      expect(told(await gather(2))).toEqual([
        ['nestwire:joined', 'more', position('more', true)],
        ['more', 'more', 2],
      ]);
    });

    it('is told of the gap where a cursor is of a history that is not there', async () => {
      await loseSession();
      expect(await create('{"cursors":{"news":"1.elsewhere.7"}}')).toBe(201);

      expect(told(await gather(2))).toEqual([
        ['nestwire:session', undefined, expect.anything()],
        ['nestwire:gap', 'news', position('news', false)],
      ]);
    });

    it('goes on over a WebSocket too, by the cursors of the POST', async () => {
      const cursors = await loseSession();
      await create(JSON.stringify({ cursors }));
      const socket = await WsClient.connect(
        `${client.url.replace('http', 'ws')}?nestwire-session=${client.ticket}`,
      );
      const messages = [
        await socket.next(),
        await socket.next(),
        await socket.next(),
      ] as unknown as Envelope[];
      socket.socket.close();

      expect(told(messages)[2]).toEqual(['news', 'news', 2]);
    });

    it.each([
      ['a cursor that is no text', '{"cursors":{"news":1}}', 400],
      ['no cursors', '{"cursors":7}', 400],
      ['no JSON', '{', 400],
      ['a cursor that is too long', `{"cursors":{"news":"${'x'.repeat(65)}"}}`, 400],
      ['a name that is too long', `{"cursors":{"${'x'.repeat(256)}":"1.e.1"}}`, 400],
      ['too much', `"${'x'.repeat(2_000)}"`, 413],
    ])('is not made anew with %s', async (_, body, status) => {
      expect(await create(body)).toBe(status);
      expect(gateway.sessions).toEqual([]);
    });

    it('is not made anew with a body of another type, nor kept waiting for one that does not come', async () => {
      expect(await create('cursors', { 'Content-Type': 'text/plain' })).toBe(415);
      const socket = await connectRaw(running.address);
      socket.write(
        `POST /feed HTTP/1.1\r\nHost: ${running.address}\r\nNestwire-Session: new\r\n` +
          `Content-Type: application/nestwire+json\r\nContent-Length: 10\r\n\r\n{`,
      );
      expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408 /);
      expect(gateway.sessions).toEqual([]);
    });
  },
);
