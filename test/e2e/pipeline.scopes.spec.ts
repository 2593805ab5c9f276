import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  Scope,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  APP_GUARD,
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  REQUEST,
} from '@nestjs/core';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { type Observable, concat, of, throwError } from 'rxjs';
import { bytesHeld } from '../support/memory.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

let made = 0;
const instances: WeakRef<object>[] = [];
const log: string[] = [];

/** Counts its instances, and says for whom it was made. */
@Injectable({ scope: Scope.REQUEST })
class Visit {
  readonly number = ++made;

  constructor(@Inject(REQUEST) readonly session: GatewaySession) {
    instances.push(new WeakRef(this));
    if (session.query['user'] === 'nobody') throw new UnauthorizedException('nobody');
  }

  get text(): string {
    return `${this.number} of ${String(this.session.query['user'])}`;
  }
}

@Injectable()
class VisitGuard implements CanActivate {
  constructor(private readonly visit: Visit) {}

  canActivate(context: ExecutionContext): boolean {
    log.push(`guard ${context.switchToWs().getPattern()} ${this.visit.text}`);
    return true;
  }
}

@Catch(RangeError)
class VisitFilter implements ExceptionFilter {
  constructor(private readonly visit: Visit) {}

  catch(exception: RangeError, host: ArgumentsHost): object {
    return { statusCode: 422, message: exception.message, details: [this.visit.text, host.getType()] };
  }
}

@UseFilters(VisitFilter)
class VisitsGateway {
  constructor(@Inject(Visit) protected readonly visit: Visit) {}

  @OnConnect()
  connect(): void {
    log.push(`connect ${this.visit.text}`);
  }

  @Subscribe('visit')
  text(): string {
    return this.visit.text;
  }

  @Subscribe('later')
  async later(@Payload() data: unknown, @CurrentSession() session: GatewaySession): Promise<unknown> {
    await Promise.resolve();
    return [data, session === this.visit.session];
  }

  @Subscribe('guarded')
  @UseGuards(VisitGuard)
  guarded(): string {
    return this.visit.text;
  }

  @Subscribe('failing')
  failing(): Observable<string> {
    return concat(
      of(this.visit.text),
      throwError(() => new RangeError('too far')),
    );
  }

  @OnDisconnect()
  disconnect(): void {
    log.push(`disconnect ${this.visit.text}`);
  }
}

@Gateway('/by-message')
class MessageGateway extends VisitsGateway {}

@Gateway({ path: '/by-session', instancePer: 'session' })
class SessionGateway extends VisitsGateway {}

@Gateway({ path: '/counter', instancePer: 'session' })
class CounterGateway {
  private count = 0;

  @Subscribe('count')
  add(): number {
    return ++this.count;
  }
}

let running: TestApp;

const connect = (path: string): Promise<WsClient> => WsClient.connect(`ws://${running.address}${path}`);
const dataOf = async (client: WsClient, event: string, data?: unknown): Promise<unknown> =>
  (await client.request(event, data))['data'];

beforeEach(() => {
  made = 0;
  log.length = 0;
  instances.length = 0;
});

describe.each<Platform>(['Express', 'Fastify'])('a request-scoped gateway on %s', (platform) => {
  beforeEach(async () => {
    running = await startApp({
      platform,
      module: { providers: [Visit, MessageGateway, SessionGateway, CounterGateway] },
    });
  });
  afterEach(() => running.close());

  it('is made for each message, by default', async () => {
    const client = await connect('/by-message?user=ann');
    expect(await dataOf(client, 'visit')).toBe('2 of ann');
    expect(await dataOf(client, 'visit')).toBe('3 of ann');
    await client.close();
    await running.close();

    expect(log).toEqual(['connect 1 of ann', 'disconnect 4 of ann']);
  });

  it('is made for each session where it says so', async () => {
    const [ann, bob] = [await connect('/by-session?user=ann'), await connect('/by-session?user=bob')];
    expect(await dataOf(ann, 'visit')).toBe('1 of ann');
    expect(await dataOf(bob, 'visit')).toBe('2 of bob');
    expect(await dataOf(ann, 'guarded')).toBe('1 of ann');
    await bob.close();
    await running.close();

    expect(log).toEqual([
      'connect 1 of ann',
      'connect 2 of bob',
      'guard guarded 1 of ann',
      'disconnect 2 of bob',
      'disconnect 1 of ann',
    ]);
  });

  it('keeps state for a session without depending on anything', async () => {
    const [ann, bob] = [await connect('/counter'), await connect('/counter')];

    expect([await dataOf(ann, 'count'), await dataOf(ann, 'count')]).toEqual([1, 2]);
    expect(await dataOf(bob, 'count')).toBe(1);
  });

  it('shares what it depends on with guards and filters of the same message', async () => {
    const client = await connect('/by-message?user=ann');
    expect(await dataOf(client, 'guarded')).toBe('2 of ann');
    client.send({ event: 'failing', id: 1 });

    expect(log).toContain('guard guarded 2 of ann');
    expect(await client.take(2)).toEqual([
      { event: 'failing', id: 1, data: '3 of ann', more: true },
      {
        event: 'exception',
        id: 1,
        data: expect.objectContaining({ statusCode: 422, details: ['3 of ann', 'ws'] }),
      },
    ]);
  });

  it.each(['/by-message', '/by-session'])('leaves nothing behind (%s)', async (path) => {
    for (let i = 0; i < 3; i++) {
      const client = await connect(`${path}?user=ann`);
      for (let j = 0; j < 20; j++) await client.request('guarded');
      await client.close();
    }
    await running.close();
    await bytesHeld();

    expect(instances.length).toBeGreaterThanOrEqual(3);
    const alive = instances.filter((instance) => instance.deref() !== undefined);
    expect(alive.length).toBeLessThan(3);
  });

  it('gets payload and session as any other', async () => {
    const client = await connect('/by-message?user=ann');

    expect(await dataOf(client, 'later', { a: 1 })).toEqual([{ a: 1 }, true]);
  });

  it('is given the session as REQUEST; what it throws then refuses the client', async () => {
    await expect(connect('/by-message?user=nobody')).rejects.toMatchObject({ status: 401 });
    await expect(connect('/by-session?user=nobody')).rejects.toMatchObject({ status: 401 });
  });
});

describe('a request-scoped guard of the whole application', () => {
  @Gateway('/plain')
  class PlainGateway {
    @Subscribe('hello')
    hello(): string {
      return 'hello';
    }
  }

  afterEach(() => running.close());

  it('is made for each message of every gateway', async () => {
    const guard = { provide: APP_GUARD, useClass: VisitGuard, scope: Scope.REQUEST };
    running = await startApp({ module: { providers: [Visit, guard, PlainGateway] } });
    const client = await connect('/plain?user=ann');
    expect(await dataOf(client, 'hello')).toBe('hello');

    expect(log).toEqual(['guard nestwire:connect 1 of ann', 'guard hello 2 of ann']);
  });
});

describe('a provider that cannot be made', () => {
  let attempts = 0;

  @Injectable({ scope: Scope.REQUEST })
  class Fragile {
    constructor() {
      if (++attempts === 2) throw new UnauthorizedException('not any more');
      if (attempts === 3) throw new Error('secret');
    }
  }

  @Gateway('/fragile')
  class FragileGateway {
    constructor(readonly fragile: Fragile) {}

    @OnConnect()
    connect(): void {
      // the first attempt
    }

    @Subscribe('hello')
    hello(): string {
      return 'hello';
    }
  }

  afterEach(() => running.close());

  it('is an exception to the message, and no more', async () => {
    running = await startApp({ module: { providers: [Fragile, FragileGateway] } });
    const client = await connect('/fragile');

    expect(await dataOf(client, 'hello')).toMatchObject({ statusCode: 401, message: 'not any more' });
    expect(await dataOf(client, 'hello')).toMatchObject({
      statusCode: 500,
      message: 'Internal server error',
    });
    expect(await dataOf(client, 'hello')).toBe('hello');
  });
});

describe('durable providers', () => {
  const tenants = new Map<string, ContextId>();

  class ByTenant implements ContextIdStrategy<GatewaySession> {
    attach(contextId: ContextId, { query }: GatewaySession): ReturnType<ContextIdStrategy['attach']> {
      const tenant = String(query['tenant']);
      const shared = tenants.get(tenant) ?? ContextIdFactory.create();
      tenants.set(tenant, shared);
      return {
        resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? shared : contextId),
        payload: { tenant },
      };
    }
  }

  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Database {
    readonly number = ++made;

    constructor(@Inject(REQUEST) readonly request: { tenant: string }) {}
  }

  @Gateway('/tenants')
  class TenantGateway {
    readonly number = ++made;

    constructor(private readonly database: Database) {}

    @Subscribe('database')
    text(): string {
      return `${this.number} ${this.database.number} ${this.database.request.tenant}`;
    }
  }

  beforeEach(() => ContextIdFactory.apply(new ByTenant()));
  afterEach(async () => {
    Reflect.deleteProperty(ContextIdFactory, 'strategy');
    await running.close();
  });

  it('are made once for each tenant, and the gateway with them', async () => {
    running = await startApp({ module: { providers: [Database, TenantGateway] } });
    const [ann, amy, bob] = await Promise.all(
      ['a', 'a', 'b'].map((tenant) => connect(`/tenants?tenant=${tenant}`)),
    );

    expect(await dataOf(ann!, 'database')).toBe('2 1 a');
    expect(await dataOf(amy!, 'database')).toBe('2 1 a');
    expect(await dataOf(bob!, 'database')).toBe('4 3 b');
    expect(await dataOf(bob!, 'database')).toBe('4 3 b');
  });
});
