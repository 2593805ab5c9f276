import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  ClassSerializerInterceptor,
  ConflictException,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  type INestApplication,
  type NestInterceptor,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { REQUEST, Reflector } from '@nestjs/core';
import { Exclude } from 'class-transformer';
import { type Channel, Channels, SseEndpoint, type SseItem, sse } from 'nestwire';
import { Observable, concat, map, of, throwError } from 'rxjs';
import { EventStream } from '../support/event-stream.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

class User {
  @Exclude()
  password = 'secret';

  constructor(readonly name: string) {}
}

class DomainError extends Error {}

@Catch(DomainError)
class DomainFilter implements ExceptionFilter {
  catch(error: DomainError, host: ArgumentsHost): void {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: object): void } }>();
    response.status(418).send({ code: 'TEAPOT', message: error.message });
  }
}

@Catch(ConflictException)
class SlowFilter implements ExceptionFilter {
  async catch(_: ConflictException, host: ArgumentsHost): Promise<void> {
    await turn();
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: object): void } }>();
    response.status(409).send({ message: 'told later' });
  }
}

@Injectable()
class Never implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

/** Wraps each item. */
@Injectable()
class Mark implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    expect(context.getType()).toBe('http');
    return next.handle().pipe(map((data: unknown) => ({ marked: data })));
  }
}

@Controller()
class PipelineController {
  constructor(private readonly channels: Channels) {}

  @SseEndpoint('users')
  users(): Observable<User | SseItem<User>> {
    return of(new User('ann'), sse({ event: 'other', id: '2', data: new User('bob') }));
  }

  @UseGuards(Never)
  @SseEndpoint('guarded')
  guarded(): Observable<User> {
    return of(new User('ann'));
  }

  @SseEndpoint('late')
  @UseFilters(DomainFilter)
  late(): Observable<unknown> {
    return concat(
      of(1),
      throwError(() => new DomainError('too hot')),
    );
  }

  @SseEndpoint('slow')
  @UseFilters(SlowFilter)
  slow(): Observable<unknown> {
    return concat(
      of(1),
      throwError(() => new ConflictException('at first')),
    );
  }

  @SseEndpoint('channel')
  channel(): Channel {
    return this.channels.channel('pipeline', { history: {} });
  }
}

@UseInterceptors(Mark)
@Controller('marked')
class MarkedController {
  @SseEndpoint('numbers')
  numbers(): Observable<number> {
    return of(1, 2);
  }

  @UseInterceptors(Mark)
  @SseEndpoint('twice', { replay: { key: 'twice' } })
  twice(): Observable<number> {
    return of(1);
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController {
  constructor(@Inject(REQUEST) private readonly request: { readonly url: string }) {}

  @SseEndpoint('own')
  own(): Observable<string> {
    return of(this.request.url);
  }
}

describe.each<Platform>(['Express', 'Fastify'])('@SseEndpoint and enhancers, on %s', (platform) => {
  let test: TestApp;

  afterEach(async () => {
    test.server.closeAllConnections();
    await test.close();
  });

  async function start(controller: Type, prepare?: (app: INestApplication) => void): Promise<void> {
    test = await startApp({
      module: { controllers: [controller] },
      platform,
      ...(prepare && { prepare }),
    });
  }

  const get = (path: string, init?: RequestInit): Promise<EventStream> =>
    EventStream.open(`http://${test.address}/${path}`, init);

  it('leaves no item out of a global serializer', async () => {
    await start(PipelineController, (app) =>
      app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector))),
    );

    expect(await (await get('users')).rest()).toMatchObject([
      { event: 'message', data: '{"name":"ann"}' },
      { event: 'other', data: '{"name":"bob"}', id: '2' },
      { event: 'nestwire:done' },
    ]);
  });

  it('keeps cursors beside items that interceptors change, in streams and polls', async () => {
    await start(PipelineController, (app) => app.useGlobalInterceptors(new Mark()));
    const url = `http://${test.address}/channel`;
    const json = { headers: { Accept: 'application/json' } };
    const { cursor } = (await (await fetch(url, json)).json()) as { cursor: string };
    await test.app.get(Channels, { strict: false }).channel('pipeline').publish(1);

    const stream = await get(`channel?cursor=${cursor}`);
    expect(await stream.next()).toMatchObject({ data: '{"marked":1}', id: cursor.replace(/0$/, '1') });
    stream.close();
    const answer = (await (await fetch(`${url}?cursor=${cursor}`, json)).json()) as object;
    expect(answer).toMatchObject({ events: [{ data: { marked: 1 }, cursor: cursor.replace(/0$/, '1') }] });
  });

  it('applies the interceptors of class and method', async () => {
    await start(MarkedController);

    const events = await (await get('marked/numbers')).rest();
    expect(events.map(({ data }) => data)).toEqual(['{"marked":1}', '{"marked":2}', '{}']);
    expect(await (await get('marked/twice')).next()).toMatchObject({ data: '{"marked":{"marked":1}}' });
  });

  it("S8: refuses by guards before anything else, with another's cursor too", async () => {
    await start(PipelineController);

    expect((await get('guarded')).status).toBe(403);
    expect((await get('guarded', { headers: { 'Last-Event-ID': '1.other.1' } })).status).toBe(403);
  });

  it.each([
    ['late', { statusCode: 418, code: 'TEAPOT', message: 'too hot' }],
    ['slow', { statusCode: 409, code: 'CONFLICT', message: 'told later' }],
  ])('asks filters about an error in the middle (%s)', async (path, data) => {
    await start(PipelineController);
    const [, error] = await (await get(path)).rest();

    expect(error!.event).toBe('error');
    expect(JSON.parse(error!.data)).toMatchObject({ status: 'error', ...data });
  });

  it('works in controllers that are made for each request', async () => {
    await start(ScopedController);

    expect(await (await get('scoped/own?a=1')).next()).toMatchObject({ data: '/scoped/own?a=1' });
  });

  it('has the global prefix and CORS of every route', async () => {
    await start(PipelineController, (app) => {
      app.setGlobalPrefix('api');
      app.enableCors({ origin: [/page\.example$/] });
    });

    const users = await get('api/users', { headers: { Origin: 'https://page.example' } });
    expect(users.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(users.headers.get('vary')).toBe('Origin, Accept, Prefer');
  });

  it('is a plain method to who calls it without a request', async () => {
    await start(PipelineController);
    const result = test.app.get(PipelineController).users();

    expect(result).toBeInstanceOf(Observable);
  });
});
