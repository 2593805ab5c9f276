import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import {
  type Channel,
  Channels,
  CloseReason,
  type CloseDetails,
  CurrentSession,
  Gateway,
  GatewaySession,
  type NestwireOptions,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { Random } from '../support/random.js';
import { ResumingWsClient } from '../support/resuming-ws-client.js';
import { seed } from '../support/seed.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { RefusedHandshake, WsClient } from '../support/ws-client.js';

@Injectable()
class TokenGuard implements CanActivate {
  static valid = 'good';

  canActivate(context: ExecutionContext): boolean {
    const session = context.switchToWs().getClient<GatewaySession>();
    const token = session.headers['authorization'];
    if (token !== undefined && token !== TokenGuard.valid) throw new UnauthorizedException();
    session.user = token ?? 'anonymous';
    return true;
  }
}

@Gateway('/feed')
@UseGuards(TokenGuard)
class FeedGateway {
  readonly log: string[] = [];
  readonly sessions: GatewaySession[] = [];
  readonly ran: number[] = [];
  readonly news: Channel<number>;

  constructor(channels: Channels) {
    this.news = channels.channel('news', { history: { size: 5000, bytes: 10_000_000 } });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.log.push('connect');
    this.sessions.push(session);
    void session.join(this.news);
  }

  @Subscribe('do')
  async do(@Payload() number: number): Promise<number> {
    this.ran.push(number);
    await Promise.resolve();
    return number;
  }

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }

  @OnDisconnect()
  disconnect(@CloseReason() { code }: CloseDetails): void {
    this.log.push(`disconnect ${code}`);
  }
}

let running: TestApp | undefined;
const clients: (ResumingWsClient | WsClient)[] = [];

afterEach(async () => {
  TokenGuard.valid = 'good';
  for (const client of clients.splice(0)) if (client instanceof ResumingWsClient) client.close();
  await running?.close();
});

let platform: Platform = 'Express';

async function start(nestwire: NestwireOptions = {}): Promise<{ url: string; gateway: FeedGateway }> {
  running = await startApp({ platform, module: { providers: [FeedGateway] }, nestwire });
  return { url: `ws://${running.address}/feed`, gateway: running.app.get(FeedGateway) };
}

function client(url: string, headers?: Record<string, string>): ResumingWsClient {
  const created = new ResumingWsClient(url, headers);
  clients.push(created);
  return created;
}

const dataOf = (messages: Record<string, unknown>[], event: string): unknown[] =>
  messages.filter((message) => message['event'] === event).map(({ data }) => data);

describe('a resumable session whose connection is reset again and again', () => {
  it(`brings 2,000 pushes, publications and requests, each once and in order (seed ${seed})`, async () => {
    const random = new Random(seed);
    const { url, gateway } = await start({ limits: { ringMessages: 5000, ringBytes: 1_000_000 } });
    const all = Array.from({ length: 2000 }, (_, i) => i);
    const peer = client(url);
    await peer.connect();
    const [session] = gateway.sessions;

    let next = 0;
    let resets = 0;
    // the work waits for resets, so that there are some however long it takes to come back
    const waits = (): boolean => next >= 400 * (resets + 1);
    const work = async (): Promise<void> => {
      while (next < all.length) {
        const end = waits() ? next : Math.min(all.length, next + random.between(1, 60));
        for (; next < end; next++) {
          session!.push('push', next);
          void gateway.news.publish(next);
          peer.send({ event: 'do', data: next, id: next });
        }
        await turn();
      }
    };
    const working = work();
    while (next < all.length) {
      const wanted = peer.messages.length + random.between(1, 200);
      await peer.until(() => peer.messages.length >= wanted || waits() || next >= all.length);
      peer.reset();
      resets++;
      if (random.next() < 0.5) await turn();
      await peer.connect();
    }
    await working;
    const of = (event: string): unknown[] => dataOf(peer.messages, event);
    await peer.until(
      () => of('push').length >= 2000 && of('do').length >= 2000 && of('message').length >= 2000,
    );

    expect(resets).toBeGreaterThan(3);
    expect(peer.introductions.slice(1).every(({ resumed }) => resumed)).toBe(true);
    expect(of('push')).toEqual(all);
    expect(of('do')).toEqual(all);
    expect(of('message')).toEqual(all);
    expect(gateway.ran).toEqual(all);
    expect(dataOf(peer.messages, 'nestwire:gap')).toEqual([]);
    expect(gateway.log).toEqual(['connect']);
  }, 60_000);
});

describe.each<Platform>(['Express', 'Fastify'])('a resumable session over real sockets, on %s', (name) => {
  beforeEach(() => {
    platform = name;
  });

  it('tells what is lost when more was pushed than is kept', async () => {
    const { url, gateway } = await start({ limits: { ringMessages: 10 } });
    const peer = client(url);
    await peer.connect();
    peer.reset();
    for (let i = 0; i < 30; i++) gateway.sessions[0]!.push('push', i);
    await peer.connect();
    await peer.until(() => dataOf(peer.messages, 'push').length === 10);

    expect(dataOf(peer.messages, 'nestwire:gap')).toEqual([{ missed: 20 }]);
    expect(dataOf(peer.messages, 'push')).toEqual(Array.from({ length: 10 }, (_, i) => 20 + i));
  });

  it('asks the guards again: a refusal is an answer over HTTP, and the session waits for better credentials', async () => {
    const { url, gateway } = await start();
    const headers = { authorization: 'good' };
    const peer = client(url, headers);
    await peer.connect();
    peer.reset();
    TokenGuard.valid = 'better';
    await expect(peer.connect()).rejects.toThrow('401');

    headers.authorization = 'better';
    expect(await peer.connect()).toMatchObject({ resumed: true });
    peer.send({ event: 'who', id: 1 });
    await peer.until(() => dataOf(peer.messages, 'who').length === 1);
    expect(dataOf(peer.messages, 'who')).toEqual(['better']);
    expect(gateway.log).toEqual(['connect']);
  });

  it('has one connection: a newer one closes the older with 4409', async () => {
    const { url, gateway } = await start();
    const peer = client(url);
    await peer.connect();
    await peer.connect();
    await peer.until(() => peer.closeCodes.length === 1);
    gateway.sessions[0]!.push('push', 1);
    await peer.until(() => dataOf(peer.messages, 'push').length === 1);

    expect(peer.closeCodes).toEqual([4409]);
    expect(gateway.log).toEqual(['connect']);
  });

  it('is over when its client says goodbye: who comes after that gets a new one, and its channels by cursor', async () => {
    const { url, gateway } = await start();
    const peer = client(url);
    const { id } = await peer.connect();
    await gateway.news.publish(1);
    await peer.until(() => dataOf(peer.messages, 'message').length === 1);
    peer.close();
    await peer.until(() => peer.closeCodes.length === 1);
    await gateway.news.publish(2);
    const again = await peer.connect();
    await gateway.news.publish(3);
    await peer.until(() => dataOf(peer.messages, 'message').length === 3);

    expect(again.resumed).toBe(false);
    expect(again.id).not.toBe(id);
    expect(dataOf(peer.messages, 'message')).toEqual([1, 2, 3]);
    expect(gateway.log).toEqual(['connect', 'disconnect 1000', 'connect']);
  });

  it('ends once when nobody comes back in time', async () => {
    const { url, gateway } = await start({ limits: { resumeWindowMs: 20 } });
    const peer = client(url);
    await peer.connect();
    peer.reset();
    await new Promise((resolve) => gateway.sessions[0]!.closed$.subscribe(resolve));
    await turn();

    expect(gateway.log).toEqual(['connect', 'disconnect 1006']);
    expect(await peer.connect()).toMatchObject({ resumed: false });
  });

  it('ends with the application, without a connection too', async () => {
    const { url, gateway } = await start();
    const peer = client(url);
    await peer.connect();
    const { socket } = gateway.sessions[0]!.request;
    const noticed = new Promise((resolve) => socket.once('close', resolve));
    peer.reset();
    await noticed;
    await running!.close();

    expect(gateway.log).toEqual(['connect', 'disconnect 1012']);
  });

  it.each(['', 'old', 'new.new', `${'x'.repeat(36)}.${'y'.repeat(24)}`])(
    'refuses the wish "%s"',
    async (wish) => {
      const { url, gateway } = await start();

      await expect(WsClient.connect(`${url}?nestwire-session=${wish}`)).rejects.toThrow(RefusedHandshake);
      expect(gateway.log).toEqual([]);
    },
  );

  it('gives the session of one path to nobody on another', async () => {
    @Gateway('/other')
    class OtherGateway {}
    running = await startApp({ platform, module: { providers: [FeedGateway, OtherGateway] } });
    const peer = client(`ws://${running.address}/feed`);
    const { id, secret } = await peer.connect();
    const other = await WsClient.connect(`ws://${running.address}/other?nestwire-session=${id}.${secret}`);

    expect(await other.next()).toMatchObject({ event: 'nestwire:session', data: { resumed: false } });
    await other.close();
  });
});

describe('a plain client', () => {
  it('sees nothing of sessions', async () => {
    const running = await startApp({ module: { providers: [FeedGateway] } });
    const plain = await WsClient.connect(`ws://${running.address}/feed?other=nestwire-session`);
    const { news } = running.app.get(FeedGateway);
    await news.publish(1);

    expect(await plain.next()).toMatchObject({ event: 'message', data: 1 });
    expect(await plain.request('nestwire:ping')).toMatchObject({ data: { code: 'UNKNOWN_EVENT' } });
    await plain.close();
    await running.close();
  });
});
