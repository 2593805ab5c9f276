import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Headers,
  Injectable,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Query,
  Scope,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { type Channel, Channels, Gateway, InvalidGatewayError, SseEndpoint, Subscribe } from 'nestwire';
import { type Observable, concat, map, of, throwError } from 'rxjs';
import { EventStream } from '../support/event-stream.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';

class Boiled extends Error {}

@Catch(Boiled)
class BoiledFilter implements ExceptionFilter {
  catch(_: Boiled, host: ArgumentsHost): void {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: object): void } }>();
    response.status(418).send({ code: 'BOILED', message: 'over' });
  }
}

/** As one that is written for HTTP and for sessions alike. */
@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-token'] === 'wrong') throw new UnauthorizedException('wrong token');
    return true;
  }
}

@Injectable()
class Mark implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => `<${String(data)}>`));
  }
}

@Gateway('/rooms/:room')
@UseGuards(TokenGuard)
@UseFilters(BoiledFilter)
class RoomsGateway {
  constructor(private readonly channels: Channels) {}

  @Subscribe('hello')
  hello(): string {
    return 'hello';
  }

  @UseInterceptors(Mark)
  @SseEndpoint('numbers/:n')
  numbers(
    @Param('room') room: string,
    @Param('n', ParseIntPipe) n: number,
    @Query('tag') tag: string | string[],
    @Headers('X-More') more: string,
  ): Observable<unknown> {
    return of(room, n + 1, tag, more);
  }

  @SseEndpoint('feed')
  feed(@Param('room') room: string): Channel {
    return this.channels.channel(`room ${room}`, { history: {} });
  }

  @SseEndpoint('boils/:when')
  boils(@Param('when') when: string): Observable<unknown> {
    const boiled = throwError(() => new Boiled());
    return when === 'at-once' ? boiled : concat(of(1), boiled);
  }

  @SseEndpoint('broken')
  broken(): Observable<unknown> {
    throw new Error('secret');
  }
}

describe.each<Platform>(['Express', 'Fastify'])('@SseEndpoint in a gateway, on %s', (platform) => {
  let test: TestApp;

  afterEach(async () => {
    test.server.closeAllConnections();
    await test.close();
  });

  async function start(prefix?: string, isCors = false): Promise<void> {
    test = await startApp({
      module: { providers: [RoomsGateway] },
      platform,
      prepare: (app) => {
        if (prefix) app.setGlobalPrefix(prefix);
        if (isCors) app.enableCors({ origin: [/page\.example$/] });
      },
    });
  }

  const get = (path: string, init?: RequestInit): Promise<EventStream> =>
    EventStream.open(`http://${test.address}/${path}`, init);

  it('is a route below its path, with parameters, pipes and interceptors', async () => {
    await start('api');
    const path = 'api/rooms/blue%20room/numbers/4?tag=a&tag=b';
    const stream = await get(path, { headers: { 'X-More': 'c' } });

    const data = (await stream.rest()).map((event) => event.data);
    expect(data).toEqual(['<blue room>', '<5>', '<a,b>', '<c>', '{}']);
    expect((await get('api/rooms/blue/numbers/four')).status).toBe(400);
    expect((await get('api/rooms/blue/nothing')).status).toBe(404);
  });

  it('has the guards of its class', async () => {
    await start();
    const { response } = await get('rooms/blue/feed', { headers: { 'X-Token': 'wrong' } });

    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toMatch('application/json');
  });

  it('resumes and is polled', async () => {
    await start();
    const url = `http://${test.address}/rooms/blue/feed`;
    const json = { headers: { Accept: 'application/json' } };
    const { cursor } = (await (await fetch(url, json)).json()) as { cursor: string };
    await test.app.get(Channels, { strict: false }).channel('room blue').publish(1);

    const stream = await get('rooms/blue/feed', { headers: { 'Last-Event-ID': cursor } });
    expect(stream.headers.get('nestwire-recovered')).toBe('true');
    expect(await stream.next()).toMatchObject({ data: '1' });
    expect(await (await fetch(`${url}?cursor=${cursor}`, json)).json()).toMatchObject({
      events: [{ event: 'message', data: 1 }],
    });
    stream.close();
  });

  it('has the CORS headers of every route', async () => {
    await start(undefined, true);
    const { headers } = await get('rooms/blue/feed', { headers: { Origin: 'https://page.example' } });

    expect(headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect(headers.get('vary')).toBe('Origin, Accept, Prefer');
  });

  it('has its filters, for the answer and in the middle', async () => {
    await start();
    expect((await get('rooms/blue/boils/at-once')).status).toBe(418);

    const [, error] = await (await get('rooms/blue/boils/late')).rest();
    expect(JSON.parse(error!.data)).toMatchObject({ status: 'error', statusCode: 418, code: 'BOILED' });
  });

  it('keeps internals to itself', async () => {
    await start();
    const response = await fetch(`http://${test.address}/rooms/blue/broken`);

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ statusCode: 500, message: 'Internal server error' });
  });
});

describe('a gateway with event streams keeps the application from starting', () => {
  it('when one is to be asked by POST', async () => {
    @Gateway('/a')
    class PostGateway {
      @SseEndpoint('b', { method: 'POST' })
      b(): Observable<number> {
        return of(1);
      }
    }
    const starting = startApp({ module: { providers: [PostGateway] } });

    await expect(starting).rejects.toThrow(InvalidGatewayError);
    await expect(starting).rejects.toThrow('PostGateway.b: in a gateway @SseEndpoint serves GET only');
  });

  it('when it is made for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}

    @Gateway('/a')
    class ScopedGateway {
      constructor(readonly own: PerRequest) {}

      @SseEndpoint('b')
      b(): Observable<number> {
        return of(1);
      }
    }
    await expect(startApp({ module: { providers: [ScopedGateway, PerRequest] } })).rejects.toThrow(
      InvalidGatewayError,
    );
  });
});
