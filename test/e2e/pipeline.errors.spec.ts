import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  HttpException,
  NotFoundException,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import { BaseWsExceptionFilter, ConnectedSocket, MessageBody, WsException } from '@nestjs/websockets';
import { IsInt } from 'class-validator';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Payload, Subscribe } from 'nestwire';
import { type Observable, concat, of, throwError } from 'rxjs';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

/** As applications derive it. */
@Catch()
class StockFilter extends BaseWsExceptionFilter {
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- Nest awaits it
  override async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    await Promise.resolve();
    super.catch(exception, host);
  }
}

/** As tutorials write it for socket.io. */
@Catch(NotFoundException)
class EmittingFilter implements ExceptionFilter {
  catch(exception: NotFoundException, host: ArgumentsHost): void {
    const client = host.switchToWs().getClient<{ emit(event: string, data: unknown): void }>();
    client.emit('noted', exception.message);
    client.emit('exception', `emitted ${exception.message}`);
  }
}

@Catch(RangeError)
class ClosingFilter implements ExceptionFilter {
  catch(exception: RangeError, host: ArgumentsHost): void {
    const session = host.switchToWs().getClient<GatewaySession>();
    session.user = 'caught';
    session.data['caught'] = exception.message;
    session.push('closing', [session.user, session.data]);
    session.close(4000, exception.message);
  }
}

class Numbered {
  @IsInt()
  n!: number;
}

class NoGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class PassInterceptor {
  intercept(_context: unknown, next: { handle(): Observable<unknown> }): Observable<unknown> {
    return next.handle();
  }
}

const thrown: Record<string, () => unknown> = {
  http: () => new NotFoundException('nothing here'),
  'http with fields': () =>
    new HttpException({ message: 'full', code: 'ROOM_FULL', details: { max: 5 } }, 409),
  ws: () => new WsException('no such room'),
  'ws with fields': () => new WsException({ message: 'no', code: 'NO_ROOM' }),
  error: () => new Error('select * from secrets'),
  text: () => 'secret',
};

const make = (kind: string): unknown => thrown[kind]!();

@Gateway('/errors')
class ErrorsGateway {
  @Subscribe('throw')
  throw(@Payload() kind: string): never {
    throw make(kind);
  }

  @Subscribe('reject')
  async reject(@Payload() kind: string): Promise<never> {
    await Promise.resolve();
    throw make(kind);
  }

  @Subscribe('stream')
  stream(@Payload() kind: string): Observable<number> {
    return concat(
      of(1),
      throwError(() => make(kind)),
    );
  }

  @Subscribe('generator')
  async *generator(@Payload() kind: string): AsyncGenerator<number> {
    yield 1;
    throw make(kind);
  }

  @Subscribe('intercepted')
  @UseInterceptors(PassInterceptor)
  intercepted(@Payload() kind: string): Observable<number> {
    return this.stream(kind);
  }

  @Subscribe('validated')
  validated(
    @MessageBody(new ValidationPipe()) { n }: Numbered,
    @ConnectedSocket() session: GatewaySession,
  ): unknown {
    return [n, session.transport];
  }

  @Subscribe('guarded')
  @UseGuards(NoGuard)
  guarded(): void {}

  @Subscribe('cyclic')
  cyclic(): object {
    const value: Record<string, unknown> = {};
    return Object.assign(value, { value });
  }

  @Subscribe('stock')
  @UseFilters(BaseWsExceptionFilter)
  stock(@Payload() kind: string): never {
    throw make(kind);
  }

  @Subscribe('stock-stream')
  @UseFilters(StockFilter)
  stockStream(@Payload() kind: string): Observable<number> {
    return this.stream(kind);
  }

  @Subscribe('emitting')
  @UseFilters(EmittingFilter)
  emitting(): never {
    throw make('http');
  }

  @Subscribe('closing')
  @UseFilters(ClosingFilter)
  closing(): never {
    throw new RangeError('over');
  }
}

@Gateway('/refusing')
@UseFilters(StockFilter)
class RefusingGateway {
  @OnConnect()
  connect(@CurrentSession() { query }: GatewaySession): void {
    if (query['as'] === 'ws') throw new WsException('not you');
    throw new UnauthorizedException('who?');
  }
}

describe.each<Platform>(['Express', 'Fastify'])('errors of a gateway on %s', (platform) => {
  let running: TestApp;
  let client: WsClient;

  beforeAll(async () => {
    running = await startApp({ platform, module: { providers: [ErrorsGateway, RefusingGateway] } });
    client = await WsClient.connect(`ws://${running.address}/errors`);
  });
  afterAll(() => running.close());

  const INTERNAL = { statusCode: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };
  const told: [string, object][] = [
    ['http', { statusCode: 404, code: 'NOT_FOUND', message: 'nothing here' }],
    ['http with fields', { statusCode: 409, code: 'ROOM_FULL', message: 'full', details: { max: 5 } }],
    ['ws', { statusCode: 400, code: 'WS_EXCEPTION', message: 'no such room' }],
    ['ws with fields', { statusCode: 400, code: 'NO_ROOM', message: 'no' }],
    ['error', INTERNAL],
    ['text', INTERNAL],
  ];

  /** The messages up to the answer's end. */
  async function answers(event: string, data?: unknown): Promise<unknown[]> {
    client.send({ event, data, id: 7 });
    const messages: unknown[] = [];
    for (;;) {
      const message = await client.next();
      messages.push(message);
      if (message['id'] === 7 && message['more'] === undefined) return messages;
    }
  }

  const exception = (data: object): object => ({
    event: 'exception',
    id: 7,
    data: { status: 'error', ...data },
  });

  describe.each(['throw', 'reject'])('(%s)', (event) => {
    it.each(told)('tell what an exception was made to tell: %s', async (kind, data) => {
      expect(await answers(event, kind)).toEqual([exception(data)]);
    });
  });

  describe.each(['stream', 'generator', 'intercepted'])('in the middle of a stream (%s)', (event) => {
    it.each(told)('tell the same, and end it: %s', async (kind, data) => {
      expect(await answers(event, kind)).toEqual([{ event, id: 7, data: 1, more: true }, exception(data)]);
    });
  });

  it('of pipes and guards are tied to the request as well', async () => {
    expect(await answers('validated', { n: 1 })).toEqual([
      { event: 'validated', id: 7, data: [1, 'websocket'] },
    ]);
    expect(await answers('validated', { n: 'x' })).toEqual([
      exception({
        statusCode: 400,
        code: 'VALIDATION_FAILED',
        message: 'n must be an integer number',
        details: ['n must be an integer number'],
      }),
    ]);
    expect(await answers('guarded')).toEqual([
      exception({ statusCode: 403, code: 'FORBIDDEN', message: 'Forbidden resource' }),
    ]);
  });

  it('that have no JSON for an answer are the server’s own', async () => {
    expect(await answers('cyclic')).toEqual([exception(INTERNAL)]);
  });

  describe('with a filter of stock Nest', () => {
    it('are what it emits, tied to the request', async () => {
      const cause = { pattern: 'stock', data: 'ws' };

      expect(await answers('stock', 'ws')).toEqual([
        exception({ statusCode: 400, code: 'WS_EXCEPTION', message: 'no such room', cause }),
      ]);
      expect(await answers('stock', 'error')).toEqual([
        exception({ ...INTERNAL, cause: { ...cause, data: 'error' } }),
      ]);
    });

    it('are so in the middle of a stream', async () => {
      const [item, end] = await answers('stock-stream', 'ws with fields');

      expect(item).toMatchObject({ data: 1, more: true });
      expect(end).toEqual(exception({ statusCode: 400, code: 'NO_ROOM', message: 'no' }));
    });

    it('refuse a client that connects', async () => {
      const connect = (as: string): Promise<unknown> =>
        WsClient.connect(`ws://${running.address}/refusing?as=${as}`).catch((error: unknown) => error);

      expect(await connect('ws')).toMatchObject({
        status: 400,
        body: expect.stringContaining('not you'),
      });
      expect(await connect('http')).toMatchObject({ status: 401 });
    });
  });

  it('are pushed beside the exception when a filter emits other events', async () => {
    expect(await answers('emitting')).toEqual([
      { event: 'noted', data: 'nothing here' },
      exception({ statusCode: 404, code: 'NOT_FOUND', message: 'emitted nothing here' }),
    ]);
  });

  it('may close the session from a filter', async () => {
    const other = await WsClient.connect(`ws://${running.address}/errors`);
    other.send({ event: 'closing', id: 1 });

    expect(await other.next()).toEqual({ event: 'closing', data: ['caught', { caught: 'over' }] });
    expect(await other.closed).toEqual({ code: 4000, reason: 'over' });
  });
});
