import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, type ExecutionContext, UnauthorizedException, UseGuards } from '@nestjs/common';
import {
  type CloseDetails,
  CloseReason,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { redis } from 'nestwire/redis';
import { EarlyAnswer } from '../support/early-answer.js';
import { HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { RedisServer } from '../support/redis-server.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { type RefusedHandshake, WsClient } from '../support/ws-client.js';

class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToWs().getClient<GatewaySession>();
    if (headers['authorization'] === 'bad') throw new UnauthorizedException();
    return true;
  }
}

@Gateway('/desks/:room')
@UseGuards(TokenGuard)
class WorkGateway {
  readonly sessions: GatewaySession[] = [];
  readonly ran: unknown[] = [];
  readonly ends: CloseDetails[] = [];

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.sessions.push(session);
  }

  @Subscribe('work')
  work(@Payload() data: unknown): unknown {
    this.ran.push(data);
    return data;
  }

  @OnDisconnect()
  disconnect(@CloseReason() reason: CloseDetails): void {
    this.ends.push(reason);
  }
}

interface Node extends TestApp {
  readonly gateway: WorkGateway;
}

const SESSION = 'nestwire:session';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(() => server.stop());

describe.each<Platform>(['Express', 'Fastify'])('a session of another node (%s)', (platform) => {
  const apps: TestApp[] = [];
  let owner: Node;
  let other: Node;

  async function startNode(): Promise<Node> {
    const nestwire = { broker: redis({ url: server.url }) };
    const node = await startApp({ module: { providers: [WorkGateway] }, nestwire, platform });
    apps.push(node);
    return { ...node, gateway: node.app.get(WorkGateway) };
  }

  beforeEach(async () => {
    [owner, other] = [await startNode(), await startNode()];
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map(({ close }) => close()));
  });

  const urlOf = ({ address }: TestApp, wish: string): string =>
    `ws://${address}/desks/7?nestwire-session=${wish}`;

  async function open(node: TestApp): Promise<{ client: WsClient; ticket: string }> {
    const client = await WsClient.connect(urlOf(node, 'new'));
    return { client, ticket: ticketIn(await client.next()) };
  }

  function ticketIn({ data }: Record<string, unknown>): string {
    const { id, secret } = data as { id: string; secret: string };
    return `${id}.${secret}`;
  }

  /** A client of the owner has lost its connection, and comes back by the other node. */
  async function comeBack(received: number): Promise<{ client: WsClient; hello: Record<string, unknown> }> {
    const { client, ticket } = await open(owner);
    client.send({ event: 'work', data: 1, id: 1 });
    await client.next();
    client.terminate();
    owner.gateway.sessions[0]!.push('missed', 'while away');
    const back = await WsClient.connect(urlOf(other, ticket));
    const hello = await back.next();
    back.send({ event: 'nestwire:resume', data: { received, cursors: {} } });
    return { client: back, hello };
  }

  it('is resumed over a WebSocket with all that was missed, in order and once', async () => {
    const { client, hello } = await comeBack(0);

    expect(hello).toMatchObject({ event: SESSION, data: { resumed: true, received: 1 } });
    expect(await client.next()).toMatchObject({ id: 1, data: 1 });
    expect(await client.next()).toEqual({ event: 'missed', data: 'while away' });
    expect(await client.request('work', 2, 2)).toMatchObject({ id: 2, data: 2 });
    expect(owner.gateway.ran).toEqual([1, 2]);
    expect(other.gateway.sessions).toEqual([]);
    await client.close();
    while (owner.gateway.ends.length === 0) await pause(5);
    expect(owner.gateway.ends).toMatchObject([{ code: 1000, clean: true }]);
  });

  it('knows its client by the request and the address that it came with', async () => {
    await comeBack(2);
    const session = owner.gateway.sessions[0]!;

    expect(session).toMatchObject({ remoteAddress: '127.0.0.1', params: { room: '7' } });
    expect(session.headers['host']).toBe(other.address);
  });

  it('passes messages of any size both ways', async () => {
    const { client } = await comeBack(2);
    const large = 'x'.repeat(250_000);

    for (let i = 0; i < 5; i++) expect(await client.request('work', large)).toMatchObject({ data: large });
  });

  it('is refused by its own guards, and stays as it is', async () => {
    const { client, ticket } = await open(owner);
    client.terminate();
    const refused = await WsClient.connect(urlOf(other, ticket), [], { authorization: 'bad' }).catch(
      (error: unknown) => error as RefusedHandshake,
    );

    expect(refused).toMatchObject({ status: 401 });
    const back = await WsClient.connect(urlOf(other, ticket));
    expect(await back.next()).toMatchObject({ data: { resumed: true } });
  });

  it('is not had by a wrong secret', async () => {
    const { ticket } = await open(owner);
    const guess = await WsClient.connect(urlOf(other, `${ticket.split('.')[0]!}.${'A'.repeat(24)}`));

    expect(await guess.next()).toMatchObject({ data: { resumed: false } });
  });

  it('loses only its connection when the node between ends', async () => {
    const { client } = await comeBack(2);
    await other.close();
    apps.splice(1);
    await client.closed;

    expect(owner.gateway.ends).toEqual([]);
  });

  it('is gone with its node: a client gets a new one at once', async () => {
    const { ticket } = await open(owner);
    await owner.close();
    apps.shift();
    const back = await WsClient.connect(urlOf(other, ticket));

    expect(await back.next()).toMatchObject({ data: { resumed: false } });
    expect(other.gateway.sessions).toHaveLength(1);
  });

  describe('over plain HTTP', () => {
    const at = (node: TestApp, ticket: string): HttpGatewayClient => {
      const client = new HttpGatewayClient(`http://${node.address}/desks/7`);
      client.ticket = ticket;
      return client;
    };

    it('takes POSTs and polls that come to either node in turn', async () => {
      const first = at(owner, 'new');
      await first.create();
      const hello = await at(other, first.ticket).poll(undefined, 5);
      const [told] = messagesOf(hello);
      const ticket = ticketIn({ data: told!.data });
      const got: unknown[] = [];
      let ack = hello.body!['batch'] as number;
      for (let seq = 1; seq <= 6; seq++) {
        const posted = await at(seq % 2 ? other : owner, ticket).post(seq, [
          { event: 'work', data: seq, id: seq },
        ]);
        expect(posted).toMatchObject({ status: 202, body: { ack: seq } });
        const polled = await at(seq % 2 ? owner : other, ticket).poll(ack, 5);
        got.push(...messagesOf(polled).map(({ data }) => data));
        ack = polled.body!['batch'] as number;
      }

      expect(got).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await at(other, ticket).post(9, [])).toMatchObject({ status: 409, body: { expected: 7 } });
      expect(await at(other, ticket).request('DELETE', {})).toMatchObject({ status: 204 });
      expect(owner.gateway.ends).toMatchObject([{ code: 1000 }]);
    });

    it('is found through a third way at once when the node between leaves a poll that waits', async () => {
      const made = at(owner, 'new');
      await made.create();
      const first = await made.poll();
      const there = once(owner.server, 'request');
      const waiting = at(other, made.ticket).poll(first.body!['batch'] as number, 20);
      await there;
      await other.close();
      apps.splice(1);

      expect(await waiting).toMatchObject({ status: 204 });
      expect((await waiting).headers.get('connection')).toBe('close');
      owner.gateway.sessions[0]!.push('news', 1);
      const next = await made.poll(first.body!['batch'] as number, 5);
      expect(messagesOf(next)).toEqual([{ event: 'news', data: 1 }]);
    });

    it('is carried by an event stream through the other node, until that ends', async () => {
      const client = at(other, 'new');
      const made = at(owner, 'new');
      await made.create();
      client.ticket = made.ticket;
      const stream = await client.stream();
      const hello = JSON.parse((await stream.next())!.data) as { data: { secret: string } };
      owner.gateway.sessions[0]!.push('news', 1);

      expect(JSON.parse((await stream.next())!.data)).toEqual({ event: 'news', data: 1 });
      expect(hello).toMatchObject({ event: SESSION });
      expect(stream.response.headers.get('cache-control')).toBe('no-store, no-transform');
      stream.close();
    });

    it('answers what a body may not be as its own node does', async () => {
      const made = at(owner, 'new');
      await made.create();
      const [told] = messagesOf(await at(owner, made.ticket).poll());
      const client = at(other, ticketIn({ data: told!.data }));

      const large = [{ event: 'work', data: 'x'.repeat(300_000) }];
      expect(await client.post(1, large)).toMatchObject({ status: 413 });
      expect(await client.post(1, [], { 'Content-Type': 'text/plain' })).toMatchObject({ status: 415 });
      // taken by the application's parser here before it is handed over
      const json = { 'Content-Type': 'application/json' };
      expect(await client.post(1, [{ event: 'work', data: 'é' }], json)).toMatchObject({ status: 202 });
      expect(owner.gateway.ran).toEqual(['é']);
      await client.request('DELETE', {});
    });

    it('is refused what its own node refuses early, without a reset', async () => {
      const made = at(owner, 'new');
      await made.create();
      await made.poll();
      const length = 2 * 1024 * 1024;
      const head = [
        'POST /desks/7 HTTP/1.1',
        `Host: ${other.address}`,
        `Nestwire-Session: ${made.ticket}`,
        'Content-Type: application/nestwire+json',
        `Content-Length: ${length}`,
      ];
      const answer = await EarlyAnswer.ask(other.address, `${head.join('\r\n')}\r\n\r\n`);
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.body)).toMatchObject({ statusCode: 413 });

      await answer.goOn(Buffer.alloc(length));
      expect(answer.error).toBeUndefined();
      await made.request('DELETE', {});
    });

    it('is gone with its node', async () => {
      const made = at(owner, 'new');
      await made.create();
      await owner.close();
      apps.shift();

      expect(await at(other, made.ticket).poll()).toMatchObject({
        status: 404,
        body: { code: 'SESSION_GONE' },
      });
      expect(await at(other, made.ticket).post(1, [])).toMatchObject({ status: 404 });
    });
  });
});
