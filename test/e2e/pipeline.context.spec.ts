import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  type MessageContext,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { type Observable, Subject, concat, finalize, interval, map, take, tap, throwError } from 'rxjs';
import type { Session } from '../../lib/session/index.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

interface Store {
  readonly user: string;
  readonly event: string;
  readonly number: number;
}

const storage = new AsyncLocalStorage<Store>();
const log: string[] = [];
let entered = 0;

const seen = (): string => {
  const store = storage.getStore();
  return store ? `${store.user} ${store.event} ${store.number}` : 'nothing';
};

const userOf = (session: GatewaySession): string => String(session.query['user']);

/** As nestjs-cls would be put around messages: a store of its own for each. */
const context: MessageContext = (session, event, next) =>
  storage.run({ user: userOf(session), event, number: ++entered }, next);

class SeeingGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    await Promise.resolve();
    log.push(`guard ${seen()}`);
    return true;
  }
}

class SeeingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    log.push(`pipe ${seen()}`);
    return value;
  }
}

class SeeingInterceptor implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    log.push(`before ${seen()}`);
    return next.handle().pipe(tap(() => log.push(`after ${seen()}`)));
  }
}

@Catch(RangeError)
class SeeingFilter implements ExceptionFilter {
  catch(): object {
    return { statusCode: 422, message: seen() };
  }
}

@Injectable({ scope: Scope.REQUEST })
class Seer {
  readonly text = seen();
}

const emitter = new Subject<void>();

@Gateway('/seeing')
@UseFilters(SeeingFilter)
class SeeingGateway {
  @OnConnect()
  connect(): void {
    log.push(`connect ${seen()}`);
  }

  @Subscribe('now')
  now(): string {
    return seen();
  }

  @Subscribe('later')
  async later(): Promise<string> {
    await pause(2);
    return seen();
  }

  @Subscribe('enhanced')
  @UseGuards(SeeingGuard)
  @UseInterceptors(SeeingInterceptor)
  enhanced(@Payload(SeeingPipe) payload: unknown): unknown {
    return [payload, seen()];
  }

  @Subscribe('ticks')
  ticks(): Observable<string> {
    return interval(1).pipe(
      take(2),
      map(() => seen()),
      finalize(() => log.push(`ended ${seen()}`)),
    );
  }

  @Subscribe('generated')
  async *generated(): AsyncGenerator<string> {
    yield seen();
    await Promise.resolve();
    yield seen();
  }

  @Subscribe('endless')
  endless(): Observable<void> {
    return emitter.pipe(finalize(() => log.push(`ended ${seen()}`)));
  }

  @Subscribe('wrong')
  wrong(): never {
    throw new RangeError('now');
  }

  @Subscribe('wrong-later')
  wrongLater(): Observable<string> {
    return concat(
      this.ticks(),
      throwError(() => new RangeError('later')),
    );
  }

  @Subscribe('wrong-generated')
  async *wrongGenerated(): AsyncGenerator<string> {
    yield seen();
    throw new RangeError('later');
  }

  @OnDisconnect()
  disconnect(): void {
    log.push(`disconnect ${seen()}`);
  }
}

@Gateway('/scoped')
class ScopedGateway {
  constructor(private readonly seer: Seer) {}

  @Subscribe('made')
  made(): string {
    return this.seer.text;
  }
}

@Gateway('/unseen')
class UnseenGateway {
  @Subscribe('now')
  now(): string {
    return seen();
  }
}

let running: TestApp;

const connect = (user: string, path = '/seeing'): Promise<WsClient> =>
  WsClient.connect(`ws://${running.address}${path}?user=${user}`);

const dataOf = async (client: WsClient, event: string, data?: unknown): Promise<unknown> =>
  (await client.request(event, data))['data'];

beforeEach(() => {
  log.length = 0;
  entered = 0;
});
afterEach(() => running.close());

describe.each<Platform>(['Express', 'Fastify'])('with a context around messages on %s', (platform) => {
  beforeEach(async () => {
    const module = { providers: [SeeingGateway, ScopedGateway, Seer] };
    running = await startApp({ platform, module, nestwire: { context } });
  });

  it('handlers run within it, each message within its own', async () => {
    const ann = await connect('ann');

    expect(await dataOf(ann, 'now')).toBe('ann now 2');
    expect(await dataOf(ann, 'later')).toBe('ann later 3');
  });

  it('clients who ask at the same time are kept apart', async () => {
    const clients = await Promise.all(['ann', 'bob', 'eve'].map((user) => connect(user)));
    const answers = await Promise.all(clients.map((client) => dataOf(client, 'later')));

    expect(answers.map((answer) => String(answer).split(' ')[0])).toEqual(['ann', 'bob', 'eve']);
    expect(new Set(answers).size).toBe(3);
  });

  it('guards, interceptors and pipes run within it', async () => {
    const ann = await connect('ann');
    expect(await dataOf(ann, 'enhanced', 1)).toEqual([1, 'ann enhanced 2']);

    expect(log).toEqual(
      ['connect ann nestwire:connect 1'].concat(
        ['guard', 'before', 'pipe', 'after'].map((what) => `${what} ann enhanced 2`),
      ),
    );
  });

  it.each(['ticks', 'generated'])('streams run within it (%s)', async (event) => {
    const ann = await connect('ann');
    ann.send({ event, id: 1 });
    const items = await ann.take(3);

    expect(items.map(({ data }) => data)).toEqual([`ann ${event} 2`, `ann ${event} 2`, undefined]);
  });

  it('a stream is torn down within it', async () => {
    const ann = await connect('ann');
    ann.send({ event: 'endless', id: 1 });
    ann.send({ event: 'nestwire:cancel', id: 1 });
    await dataOf(ann, 'now');

    expect(log).toContain('ended ann endless 2');
    expect(emitter.observed).toBe(false);
  });

  it.each([
    ['wrong', 0],
    ['wrong-later', 2],
    ['wrong-generated', 1],
  ])('filters run within it (%s)', async (event, items) => {
    const ann = await connect('ann');
    ann.send({ event, id: 1 });
    await ann.take(items);

    expect(await ann.next()).toMatchObject({
      event: 'exception',
      id: 1,
      data: { statusCode: 422, message: `ann ${event} 2` },
    });
  });

  it('so does what happens when clients come and go', async () => {
    const ann = await connect('ann');
    await ann.close();
    await running.close();

    expect(log).toEqual(['connect ann nestwire:connect 1', 'disconnect ann nestwire:disconnect 2']);
  });

  it('request-scoped providers are made within it', async () => {
    const ann = await connect('ann', '/scoped');

    expect(await dataOf(ann, 'made')).toBe('ann made 1');
  });
});

describe('without a context around messages', () => {
  it('a message does not inherit that of another client, or of the request that connected', async () => {
    running = await startApp({
      module: { providers: [UnseenGateway] },
      prepare: (app) =>
        void app.use((request: { url: string }, _response: unknown, next: () => void) =>
          storage.run({ user: request.url, event: 'request', number: 0 }, next),
        ),
    });
    const clients = await Promise.all(['ann', 'bob'].map((user) => connect(user, '/unseen')));

    expect(await Promise.all(clients.map((client) => dataOf(client, 'now')))).toEqual(['nothing', 'nothing']);
  });
});

describe('@OnDisconnect without a context around messages', () => {
  let bob: Session;

  @Gateway('/leaving')
  class LeavingGateway {
    @OnConnect()
    connect(@CurrentSession() session: GatewaySession): void {
      bob = session as Session;
    }

    @OnDisconnect()
    disconnect(): void {
      log.push(`disconnect ${seen()}`);
    }
  }

  it('does not run in that of whoever ended the session', async () => {
    running = await startApp({ module: { providers: [LeavingGateway] } });
    const client = await connect('bob', '/leaving');
    // as the connection would in the timer of all heartbeats, which some client's request has started
    storage.run({ user: 'ann', event: 'request', number: 0 }, () => bob.closed(1006, '', false));
    client.terminate();

    expect(log).toEqual(['disconnect nothing']);
  });
});

describe('a context that does not do its part', () => {
  it.each<[string, MessageContext]>([
    ['calls nothing', () => undefined],
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
  ])('and %s fails the message, not the process', async (_, broken) => {
    let isBroken = false;
    running = await startApp({
      module: { providers: [SeeingGateway] },
      nestwire: { context: (...args) => (isBroken ? broken : context)(...args) },
    });
    const ann = await connect('ann');
    isBroken = true;

    expect(await dataOf(ann, 'now')).toMatchObject({ statusCode: 500, message: 'Internal server error' });
    await expect(connect('bob')).rejects.toMatchObject({ status: 500 });
    isBroken = false;
    expect(await dataOf(ann, 'now')).toMatch('ann now');
  });
});
