import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Injectable,
  type NestInterceptor,
  NotFoundException,
  type PipeTransform,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  createParamDecorator,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import { WsException } from '@nestjs/websockets';
import {
  EMPTY,
  NEVER,
  type Observable,
  Subject,
  concat,
  defer,
  finalize,
  map,
  of,
  startWith,
  throwError,
} from 'rxjs';
import { Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const log: string[] = [];

function guard(name: string): new () => CanActivate {
  @Injectable()
  class Guard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      log.push(`${name} guard ${context.getType()} ${context.switchToWs().getPattern()}`);
      return true;
    }
  }
  return Guard;
}

function interceptor(name: string): new () => NestInterceptor {
  @Injectable()
  class Interceptor implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      log.push(`${name} before`);
      return next.handle().pipe(finalize(() => log.push(`${name} after`)));
    }
  }
  return Interceptor;
}

function pipe(name: string): new () => PipeTransform {
  @Injectable()
  class Pipe implements PipeTransform {
    transform(value: unknown): unknown {
      log.push(`${name} pipe ${JSON.stringify(value)}`);
      return value;
    }
  }
  return Pipe;
}

const Global = { Guard: guard('global'), Interceptor: interceptor('global'), Pipe: pipe('global') };

@Catch(NotFoundException)
class GlobalFilter implements ExceptionFilter {
  catch(exception: NotFoundException): Error {
    log.push('global filter');
    return new HttpException({ message: `filtered ${exception.message}`, code: 'FILTERED' }, 404);
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(exception: RangeError, host: ArgumentsHost): object {
    const ws = host.switchToWs();
    return {
      statusCode: 422,
      code: 'OUT_OF_RANGE',
      message: exception.message,
      details: [ws.getPattern(), ws.getData(), ws.getClient<GatewaySession>().id.length],
    };
  }
}

@Catch(TypeError)
class BrokenFilter implements ExceptionFilter {
  catch(_exception: TypeError, host: ArgumentsHost): void {
    // as one that was written for HTTP would
    host.switchToHttp().getResponse<{ status(code: number): void }>().status(500);
  }
}

const SessionId = createParamDecorator((field: string, context: ExecutionContext) => {
  const session = context.switchToWs().getClient<GatewaySession>();
  return `${field}:${session.id.length}`;
});

const Role = (role: string): MethodDecorator => SetMetadata('role', role);

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string | undefined>('role', context.getHandler());
    log.push(`role ${role ?? 'none'} ${context.getHandler().name}`);
    return role !== 'nobody';
  }
}

class DoubleInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => (typeof value === 'number' ? value * 2 : value)));
  }
}

class StartInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(startWith('start'));
  }
}

class SilencingInterceptor implements NestInterceptor {
  intercept(): Observable<unknown> {
    return EMPTY;
  }
}

const source = new Subject<number>();
let active = 0;

/** Counts who reads it. */
function counted<T>(stream: Observable<T>): Observable<T> {
  return defer(() => {
    active++;
    return stream.pipe(finalize(() => active--));
  });
}

@Gateway('/pipeline')
class PipelineGateway {
  @Subscribe('add')
  add(@Payload() { a, b }: { a: number; b: number }): number {
    return a + b;
  }

  @Subscribe('bare')
  bare(): number {
    return 1;
  }

  @Subscribe('everything')
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  everything(@Payload('x', pipe('param')) x: unknown, @SessionId('id') id: string): unknown {
    log.push(`handler ${JSON.stringify(x)} ${id}`);
    return [x, id];
  }

  @Subscribe('role')
  @Role('admin')
  @UseGuards(RoleGuard)
  role(): number {
    return 1;
  }

  @Subscribe('forbidden')
  @Role('nobody')
  @UseGuards(RoleGuard)
  forbidden(): number {
    return 1;
  }

  @Subscribe('double')
  @UseInterceptors(DoubleInterceptor)
  double(@Payload() n: number): number {
    return n;
  }

  @Subscribe('double.stream')
  @UseInterceptors(DoubleInterceptor)
  doubleStream(): Observable<number> {
    return of(1, 2, 3);
  }

  @Subscribe('double.generator')
  @UseInterceptors(DoubleInterceptor)
  async *doubleGenerator(): AsyncGenerator<number> {
    yield* [1, 2];
  }

  @Subscribe('double.live')
  @UseInterceptors(DoubleInterceptor)
  doubleLive(): Observable<number> {
    return counted(source);
  }

  @Subscribe('double.never')
  @UseInterceptors(DoubleInterceptor)
  async doubleNever(): Promise<Observable<number>> {
    return Promise.resolve(counted(NEVER));
  }

  @Subscribe('started')
  @UseInterceptors(StartInterceptor)
  started(): Observable<number> {
    return of(1);
  }

  @Subscribe('started.value')
  @UseInterceptors(StartInterceptor)
  startedValue(): number {
    return 1;
  }

  @Subscribe('silenced')
  @UseInterceptors(SilencingInterceptor)
  silenced(): number {
    return 1;
  }

  @Subscribe('out-of-range')
  @UseFilters(RangeFilter)
  outOfRange(): never {
    throw new RangeError('too far');
  }

  @Subscribe('late-error')
  @UseFilters(RangeFilter)
  lateError(): Observable<number> {
    return concat(
      of(1),
      throwError(() => new RangeError('in the middle')),
    );
  }

  @Subscribe('late-error.intercepted')
  @UseFilters(RangeFilter)
  @UseInterceptors(DoubleInterceptor)
  lateErrorIntercepted(): Observable<number> {
    return this.lateError();
  }

  @Subscribe('broken-filter')
  @UseFilters(BrokenFilter)
  brokenFilter(): never {
    throw new TypeError('secret');
  }

  @Subscribe('not-found')
  notFound(): never {
    throw new NotFoundException('nothing');
  }

  @Subscribe('ws-exception')
  wsException(): never {
    throw new WsException('no such room');
  }
}

describe('the pipeline of a gateway', () => {
  let running: TestApp;
  let client: WsClient;

  async function start(providers: object[] = []): Promise<void> {
    running = await startApp({
      module: { providers: [PipelineGateway, RoleGuard, ...(providers as [])] },
    });
    client = await WsClient.connect(`ws://${running.address}/pipeline`);
  }

  const ask = (event: string, data?: unknown): Promise<unknown> => client.request(event, data);

  const failed = (data: object): object => ({
    event: 'exception',
    id: 'r',
    data: expect.objectContaining({ status: 'error', ...data }),
  });

  beforeEach(() => {
    log.length = 0;
  });

  describe('without global enhancers', () => {
    beforeAll(() => start());
    afterAll(() => running.close());

    it('runs guards, interceptors and pipes of the method in order', async () => {
      expect(await ask('everything', { x: 1 })).toMatchObject({ data: [1, 'id:36'] });
      expect(log).toEqual([
        'method guard ws everything',
        'method before',
        'method pipe 1',
        'param pipe 1',
        'method pipe "id:36"',
        'handler 1 id:36',
        'method after',
      ]);
    });

    it('shows guards the metadata and the name of the method', async () => {
      expect(await ask('role')).toMatchObject({ data: 1 });
      expect(await ask('forbidden')).toEqual(failed({ statusCode: 403, code: 'FORBIDDEN' }));
      expect(log).toEqual(['role admin role', 'role nobody forbidden']);
    });

    it('gives interceptors values as values, and streams as streams', async () => {
      expect(await ask('double', 21)).toEqual({ event: 'double', id: 'r', data: 42 });
      client.send({ event: 'double.stream', id: 1 });
      client.send({ event: 'double.generator', id: 2 });
      const messages = await client.take(7);

      expect(messages.filter(({ id }) => id === 1).map(({ data, more }) => [data, more])).toEqual([
        [2, true],
        [4, true],
        [6, true],
        [undefined, undefined],
      ]);
      expect(messages.filter(({ id }) => id === 2).map(({ data }) => data)).toEqual([2, 4, undefined]);
    });

    it('lets interceptors add to streams, and take the last word on values', async () => {
      client.send({ event: 'started', id: 1 });
      expect((await client.take(3)).map(({ data }) => data)).toEqual(['start', 1, undefined]);
      expect(await ask('started.value')).toEqual({ event: 'started.value', id: 'r', data: 1 });
      expect(await ask('silenced')).toEqual({ event: 'silenced', id: 'r' });
    });

    it('tears an intercepted stream down when it is cancelled', async () => {
      client.send({ event: 'double.live', id: 1 });
      await expect(ask('role')).resolves.toMatchObject({ data: 1 });
      expect(active).toBe(1);
      source.next(4);
      expect(await client.next()).toEqual({ event: 'double.live', id: 1, data: 8, more: true });
      client.send({ event: 'nestwire:cancel', id: 1 });
      await ask('role');

      expect(active).toBe(0);
    });

    it('tears an intercepted stream down when it was cancelled before it began', async () => {
      client.send({ event: 'double.never', id: 1 });
      client.send({ event: 'nestwire:cancel', id: 1 });
      await ask('role');

      expect(active).toBe(0);
    });

    it('lets filters shape the exception', async () => {
      expect(await ask('out-of-range', { a: 1 })).toEqual(
        failed({
          statusCode: 422,
          code: 'OUT_OF_RANGE',
          message: 'too far',
          details: ['out-of-range', { a: 1 }, 36],
        }),
      );
    });

    it.each(['late-error', 'late-error.intercepted'])(
      'lets filters see an error in mid-stream (%s)',
      async (event) => {
        client.send({ event, id: 'r' });
        const [item, end] = await client.take(2);

        expect(item).toMatchObject({ more: true });
        expect(end).toEqual(failed({ code: 'OUT_OF_RANGE', message: 'in the middle' }));
      },
    );

    it('answers for the error itself when its filter breaks', async () => {
      expect(await ask('broken-filter')).toEqual(
        failed({ statusCode: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' }),
      );
    });

    it('knows HttpException and WsException', async () => {
      expect(await ask('not-found')).toEqual(
        failed({ statusCode: 404, code: 'NOT_FOUND', message: 'nothing' }),
      );
      expect(await ask('ws-exception')).toEqual(failed({ code: 'WS_EXCEPTION', message: 'no such room' }));
    });
  });

  describe('with global enhancers', () => {
    beforeAll(() =>
      start([
        { provide: APP_GUARD, useClass: Global.Guard },
        { provide: APP_INTERCEPTOR, useClass: Global.Interceptor },
        { provide: APP_PIPE, useClass: Global.Pipe },
        { provide: APP_FILTER, useClass: GlobalFilter },
      ]),
    );
    afterAll(() => running.close());

    it('runs them outermost', async () => {
      expect(await ask('everything', { x: 1 })).toMatchObject({ data: [1, 'id:36'] });
      expect(log).toEqual([
        'global guard ws everything',
        'method guard ws everything',
        'global before',
        'method before',
        'global pipe 1',
        'method pipe 1',
        'param pipe 1',
        'global pipe "id:36"',
        'method pipe "id:36"',
        'handler 1 id:36',
        'method after',
        'global after',
      ]);
    });

    it('runs them for methods without any of their own', async () => {
      expect(await ask('add', { a: 1, b: 2 })).toMatchObject({ data: 3 });
      expect(log).toEqual([
        'global guard ws add',
        'global before',
        'global pipe {"a":1,"b":2}',
        'global after',
      ]);
      expect(await ask('bare')).toMatchObject({ data: 1 });
    });

    it('asks global filters', async () => {
      expect(await ask('not-found')).toEqual(
        failed({ statusCode: 404, code: 'FILTERED', message: 'filtered nothing' }),
      );
      expect(log).toContain('global filter');
    });
  });

  describe('with enhancers set by the application', () => {
    beforeAll(async () => {
      running = await startApp({
        module: { providers: [PipelineGateway, RoleGuard] },
        prepare: (app) => {
          app.useGlobalGuards(new Global.Guard());
          app.useGlobalInterceptors(new DoubleInterceptor());
        },
      });
      client = await WsClient.connect(`ws://${running.address}/pipeline`);
    });
    afterAll(() => running.close());

    it('runs those too', async () => {
      expect(await ask('add', { a: 1, b: 2 })).toMatchObject({ data: 6 });
      expect(log).toEqual(['global guard ws add']);
    });
  });
});
