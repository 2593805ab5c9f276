import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import {
  CloseReason,
  type CloseDetails,
  CurrentSession,
  Gateway,
  GatewaySession,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import type { EventStream } from '../support/event-stream.js';
import { type Envelope, HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

@Injectable()
class NameGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const name = context.switchToWs().getClient<GatewaySession>().headers['authorization'];
    if (name === 'nobody') throw new UnauthorizedException('who are you?');
    if (name === 'mallory') throw new ForbiddenException();
    return true;
  }
}

@Gateway('/desk')
@UseGuards(NameGuard)
class DeskGateway {
  readonly ran: unknown[] = [];
  readonly ends: number[] = [];
  readonly sessions = new Set<GatewaySession>();

  @Subscribe('add')
  add(@Payload() number: number, @CurrentSession() session: GatewaySession): number {
    this.ran.push(number);
    this.sessions.add(session);
    return number + 1;
  }

  @OnDisconnect()
  left(@CloseReason() { code }: CloseDetails): void {
    this.ends.push(code);
  }
}

@Gateway('/elsewhere')
class ElsewhereGateway {}

const ORIGIN = 'http://page.example';

describe.each<Platform>(['Express', 'Fastify'])('A gateway over plain HTTP on %s', (platform) => {
  let running: TestApp;
  let gateway: DeskGateway;
  let client: HttpGatewayClient;
  const streams: EventStream[] = [];

  beforeEach(async () => {
    running = await startApp({
      platform,
      module: { providers: [DeskGateway, ElsewhereGateway, NameGuard] },
      nestwire: { origin: [ORIGIN], limits: { messageBytes: 1_000, closeWaitMs: 200 } },
      prepare: (app) => app.enableCors({ origin: ORIGIN }),
    });
    gateway = running.app.get(DeskGateway);
    client = new HttpGatewayClient(`http://${running.address}/desk`);
  });

  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close();
    await running.close();
  });

  async function openStream(): Promise<EventStream> {
    const stream = await client.stream();
    streams.push(stream);
    return stream;
  }

  const next = async (stream: EventStream): Promise<Envelope> => {
    const message = JSON.parse((await stream.next())!.data) as Envelope;
    client.learn(message);
    return message;
  };

  it('makes a session by a POST, and tells nobody between to keep the answer', async () => {
    const answer = await client.create();

    expect(answer.status).toBe(201);
    expect(messagesOf(answer)).toEqual([
      {
        event: 'nestwire:session',
        data: {
          id: expect.any(String),
          secret: expect.any(String),
          resumed: false,
          received: 0,
          heartbeatMs: 0,
          windowMs: 120_000,
        },
      },
    ]);
    expect(answer.headers.get('Cache-Control')).toBe('no-store, no-transform');
    expect(answer.headers.get('Vary')).toMatch(/Origin/);
    expect(answer.headers.get('Vary')).toMatch(/Accept, Prefer/);
  });

  it('refuses whom its guards refuse, with the answer of the exception', async () => {
    const nobody = await client.create({ Authorization: 'nobody' });
    expect([nobody.status, nobody.body!['message']]).toEqual([401, 'who are you?']);
    expect((await client.create({ Authorization: 'mallory' })).status).toBe(403);
  });

  it('asks the guards again when a POST comes with another credential', async () => {
    await client.create();
    await client.poll();

    expect((await client.post(1, [], { Authorization: 'nobody' })).status).toBe(401);
    expect((await client.post(1, [], { Authorization: 'alice' })).status).toBe(202);
  });

  it('takes messages by POST, each once, and none with a hole before it', async () => {
    await client.create();
    const first = await client.poll();
    const messages = [{ event: 'add', data: 1, id: 1 }];

    expect((await client.post(1, messages)).body).toEqual({ ack: 1 });
    expect((await client.post(1, messages)).body).toEqual({ ack: 1 });
    expect(await client.post(3, messages)).toMatchObject({ status: 409, body: { expected: 2 } });
    expect(gateway.ran).toEqual([1]);
    const answer = await client.poll(first.body!['batch'] as number, 5);
    expect(messagesOf(answer)).toEqual([{ event: 'add', id: 1, data: 2 }]);
  });

  it('refuses bodies that are no messages', async () => {
    await client.create();
    await client.poll();
    const post = async (type: string, body: string): Promise<number> =>
      (await client.request('POST', { 'Content-Type': type }, body)).status;

    expect(await post('application/octet-stream', '\xff\xfe')).toBe(415);
    expect(await post('application/nestwire+json', '{')).toBe(400);
    expect(await post('application/nestwire+json', '{"seq":0,"messages":[]}')).toBe(400);
    expect(await post('application/nestwire+json', `"${'x'.repeat(1_000)}"`)).toBe(413);
    const parsedBefore = JSON.stringify({ seq: 1, messages: ['x'.repeat(1_000)] });
    expect(await post('application/json', parsedBefore)).toBe(413);
    expect((await client.post(1, [{ event: 'add', data: 1 }])).status).toBe(202);
  });

  it('L6: gives a batch again until it is acknowledged', async () => {
    await client.create();
    const first = await client.poll();
    await client.post(1, [{ event: 'add', data: 1, id: 1 }]);
    const ack = first.body!['batch'] as number;
    const answers = [await client.poll(ack, 5), await client.poll(ack, 5)];

    expect(answers[1]!.body).toEqual(answers[0]!.body);
    expect((await client.poll(answers[0]!.body!['batch'] as number)).status).toBe(204);
  });

  it('L4: wakes a long poll, and ends it when another one comes', async () => {
    await client.create();
    const ack = (await client.poll()).body!['batch'] as number;
    const older = client.poll(ack, 30);
    await client.post(1, []); // the poll before it has arrived
    const newer = client.poll(ack, 30);
    expect((await older).status).toBe(204);
    await client.post(2, [{ event: 'add', data: 4, id: 2 }]);
    expect(messagesOf(await newer)).toEqual([{ event: 'add', id: 2, data: 5 }]);
  });

  it('carries messages by an event stream', async () => {
    await client.create();
    const stream = await openStream();
    expect(stream.headers.get('Content-Type')).toBe('text/event-stream');
    expect((await next(stream)).event).toBe('nestwire:session');
    await client.post(1, [{ event: 'add', data: 1, id: 1 }]);
    expect(await next(stream)).toEqual({ event: 'add', id: 1, data: 2 });
  });

  it('lets a client come once more with what the 201 told, for the first answer may be lost', async () => {
    await client.create();
    const { ticket } = client;
    await client.poll();
    client.ticket = ticket;

    expect(messagesOf(await client.poll())[0]!.data).toMatchObject({ resumed: true });
  });

  it('lets nobody come by an older secret than the client has used', async () => {
    await client.create();
    const older = client.ticket;
    const { body } = await client.poll();
    expect((await client.poll(body!['batch'] as number)).status).toBe(204);
    client.ticket = older;

    expect(await client.poll()).toMatchObject({ status: 404, body: { code: 'SESSION_GONE' } });
    expect((await client.request('DELETE', {})).status).toBe(404);
  });

  it('is not found on another path, and goes on as if nobody had asked there', async () => {
    await client.create();
    const { body } = await client.poll();
    const elsewhere = new HttpGatewayClient(`http://${running.address}/elsewhere`);
    elsewhere.ticket = client.ticket;

    expect(await elsewhere.poll()).toMatchObject({ status: 404, body: { code: 'SESSION_GONE' } });
    await client.post(1, [{ event: 'add', data: 7, id: 1 }]);
    expect(messagesOf(await client.poll(body!['batch'] as number, 5))).toMatchObject([{ data: 8 }]);
  });

  it('goes on where it was over another transport, and tells the one before', async () => {
    await client.create();
    const stream = await openStream();
    await next(stream);
    const [introduction] = messagesOf(await client.poll());
    expect(introduction!.data).toMatchObject({ resumed: true, received: 0 });
    expect(await next(stream)).toMatchObject({ event: 'nestwire:close', data: { code: 4409 } });
    const resume = { event: 'nestwire:resume', data: { received: 0, cursors: {} } };
    await client.post(1, [resume, { event: 'add', data: 7, id: 1 }]);
    expect(messagesOf(await client.poll(1, 5))).toEqual([{ event: 'add', id: 1, data: 8 }]);
  });

  it('tells a poll that goes on with an event stream that there is nothing to go on with', async () => {
    await client.create();
    const stream = await openStream();
    await next(stream);
    expect(await client.poll(1)).toMatchObject({ status: 409, body: { code: 'NOT_CONNECTED' } });
    const { ticket } = client;
    await client.poll();
    client.ticket = ticket;
    expect(await client.poll(1)).toMatchObject({ status: 409, body: { code: 'NOT_CONNECTED' } });
  });

  it('tells a poll that was replaced, at its next question', async () => {
    await client.create();
    const first = await client.poll();
    const older = client.ticket;
    expect((await client.poll(first.body!['batch'] as number)).status).toBe(204);
    await client.poll();
    client.ticket = older;

    const [close] = messagesOf(await client.poll(1));
    expect(close).toMatchObject({ event: 'nestwire:close', data: { code: 4409 } });
  });

  it('ends by DELETE', async () => {
    await client.create();
    await client.poll();
    expect((await client.request('DELETE', {})).status).toBe(204);
    expect(gateway.ends).toEqual([1000]);
    expect(await client.poll(1)).toMatchObject({ status: 404, body: { code: 'SESSION_GONE' } });
  });

  it('says what it does not understand', async () => {
    expect((await client.poll()).status).toBe(400);
    client.ticket = `${'0'.repeat(36)}.${'x'.repeat(24)}`;
    expect(await client.poll()).toMatchObject({ status: 404, body: { code: 'SESSION_GONE' } });
    expect((await client.post(1, [])).status).toBe(404);
    expect(await client.request('PUT', {})).toMatchObject({ status: 405 });
    expect((await client.request('HEAD', {})).status).toBe(405);
    // it goes on to the application's routes, and there is none
    expect((await client.request('GET', { Accept: 'text/html' })).body).toMatchObject({
      message: 'Cannot GET /desk',
    });
  });

  it('answers the pages of other origins as the application says', async () => {
    const preflight = await fetch(client.url, {
      method: 'OPTIONS',
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'nestwire-session',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toBe('nestwire-session');
    const answer = await client.create({ Origin: ORIGIN });
    expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([201, ORIGIN]);
    client.ticket = 'new';
    expect((await client.create({ Origin: 'http://other.example' })).status).toBe(403);
  });

  it('tells its clients that it shuts down', async () => {
    await client.create();
    const ack = (await client.poll()).body!['batch'] as number;
    const waiting = client.poll(ack, 30);
    await client.post(1, []);
    const closed = running.close();

    expect(messagesOf(await waiting)).toMatchObject([{ event: 'nestwire:close', data: { code: 1012 } }]);
    await closed;
    expect(gateway.ends).toEqual([1012]);
  });
});
