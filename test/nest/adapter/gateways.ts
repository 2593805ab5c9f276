/** Gateways as applications on platform-ws have them: nothing in them is Nestwire's. */
import type { IncomingMessage } from 'node:http';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  createParamDecorator,
} from '@nestjs/common';
import {
  BaseWsExceptionFilter,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import { IsString } from 'class-validator';
import { NEVER, type Observable, Subject, finalize, from, map, of, throwError } from 'rxjs';

/** What the gateways use of a client and a server, of `ws` or of ours. */
export interface Client {
  readonly readyState: number;
  readonly OPEN: number;
  send(data: string | Buffer): void;
  close(code?: number, reason?: string): void;
}

export interface Server {
  readonly clients: Set<Client>;
}

interface Answer {
  event: string;
  data: unknown;
}

@WebSocketGateway({ path: '/results' })
export class ResultsGateway {
  @SubscribeMessage('event')
  event(@MessageBody() data: unknown): Answer {
    return { event: 'answer', data };
  }

  @SubscribeMessage('value')
  value(@MessageBody() data: unknown): unknown {
    return data;
  }

  @SubscribeMessage('promise')
  async promise(@MessageBody() data: unknown): Promise<Answer> {
    return { event: 'answer', data };
  }

  @SubscribeMessage('stream')
  stream(@MessageBody() data: unknown[]): Observable<unknown> {
    return from(data);
  }

  @SubscribeMessage('late stream')
  async lateStream(): Promise<Observable<unknown>> {
    return of(1, 2);
  }

  @SubscribeMessage('nothing')
  nothing(): void {}

  @SubscribeMessage('null')
  null(): null {
    return null;
  }

  @SubscribeMessage('bytes')
  bytes(@ConnectedSocket() client: Client): void {
    client.send(Buffer.from('{"event":"bytes"}'));
  }

  @SubscribeMessage('undecorated')
  undecorated(client: Client, data: unknown): Answer {
    return { event: 'undecorated', data: [client.readyState === client.OPEN, data] };
  }
}

/** Names of streams that were torn down. */
export const torndown = new Subject<string>();

@WebSocketGateway({ path: '/streams' })
export class EndlessGateway {
  @SubscribeMessage('watch')
  watch(@MessageBody() name: string): Observable<unknown> {
    return NEVER.pipe(finalize(() => torndown.next(name)));
  }
}

@WebSocketGateway({ path: '/errors' })
export class FailingGateway {
  @SubscribeMessage('ws')
  ws(): never {
    throw new WsException('no');
  }

  @SubscribeMessage('ws object')
  wsObject(): never {
    throw new WsException({ code: 7 });
  }

  @SubscribeMessage('unknown')
  async unknown(): Promise<never> {
    throw new Error('a secret');
  }

  @SubscribeMessage('stream')
  stream(): Observable<unknown> {
    return throwError(() => new WsException('broken'));
  }
}

class Names {
  @IsString()
  name!: string;
}

@Injectable()
class PasswordGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const ws = context.switchToWs();
    const data = ws.getData<{ password?: string } | undefined>();
    return context.getType() === 'ws' && data?.password === `${ws.getPattern()}!`;
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ event: 'wrapped', data })));
  }
}

@Catch(RangeError)
class RangeFilter extends BaseWsExceptionFilter {
  override catch(error: RangeError, host: ArgumentsHost): void {
    super.catch(new WsException(`out of range: ${error.message}`), host);
  }
}

const IsOpen = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const client = context.switchToWs().getClient<Client>();
  return client.readyState === client.OPEN;
});

@WebSocketGateway({ path: '/enhanced' })
export class EnhancedGateway {
  @SubscribeMessage('guarded')
  @UseGuards(PasswordGuard)
  guarded(): Answer {
    return { event: 'guarded', data: 'in' };
  }

  @SubscribeMessage('intercepted')
  @UseInterceptors(Wrap)
  intercepted(): Observable<number> {
    return of(1, 2);
  }

  @SubscribeMessage('filtered')
  @UseFilters(RangeFilter)
  filtered(): never {
    throw new RangeError('eleven');
  }

  @SubscribeMessage('validated')
  @UsePipes(new ValidationPipe({ exceptionFactory: () => new WsException('not valid') }))
  validated(@MessageBody() { name }: Names): Answer {
    return { event: 'validated', data: name };
  }

  @SubscribeMessage('piped')
  piped(@MessageBody('count', ParseIntPipe) count: number, @IsOpen() isOpen: boolean): Answer {
    return { event: 'piped', data: [count + 1, isOpen] };
  }
}

/** What happened to the gateways of `/life`, in order. */
export class Diary {
  private readonly entries: string[] = [];
  private readonly waiting: (() => void)[] = [];

  write(entry: string): void {
    this.entries.push(entry);
    for (const proceed of this.waiting.splice(0)) proceed();
  }

  /** Entries about one thing, when there are as many. */
  async about(thing: string, count: number): Promise<string[]> {
    for (;;) {
      const found = this.entries.filter((entry) => entry.endsWith(` ${thing}`));
      if (found.length >= count) return found.map((entry) => entry.slice(0, -thing.length - 1));
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}

abstract class Living implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  abstract readonly name: string;
  abstract readonly diary: Diary;
  private readonly urls = new WeakMap<Client, string>();

  afterInit(server: Server): void {
    this.diary.write(`${this.name} afterInit ${server.clients.size}`);
  }

  handleConnection(client: Client, request: IncomingMessage): void {
    this.urls.set(client, request.url!);
    this.diary.write(`${this.name} handleConnection ${request.url!}`);
  }

  handleDisconnect(client: Client): void {
    this.diary.write(`${this.name} handleDisconnect ${this.urls.get(client)!}`);
  }
}

@WebSocketGateway({ path: '/life' })
export class FirstGateway extends Living {
  readonly name = 'first';

  @WebSocketServer()
  private readonly server!: Server;

  constructor(readonly diary: Diary) {
    super();
  }

  @SubscribeMessage('who')
  who(): Answer {
    return { event: 'who', data: this.name };
  }

  @SubscribeMessage('broadcast')
  broadcast(@MessageBody() data: unknown): void {
    const text = JSON.stringify({ event: 'news', data });
    for (const client of this.server.clients) if (client.readyState === client.OPEN) client.send(text);
  }

  @SubscribeMessage('close me')
  closeMe(@ConnectedSocket() client: Client): void {
    client.close(4000, 'as asked');
  }
}

@WebSocketGateway({ path: '/life' })
export class SecondGateway extends Living {
  readonly name = 'second';

  constructor(readonly diary: Diary) {
    super();
  }

  @SubscribeMessage('who')
  who(): Answer {
    return { event: 'who', data: this.name };
  }

  @SubscribeMessage('only second')
  onlySecond(): Answer {
    return { event: 'only', data: this.name };
  }
}

@Injectable({ scope: Scope.REQUEST })
export class Counter {
  count = 0;
}

@WebSocketGateway({ path: '/scoped' })
export class ScopedGateway {
  constructor(private readonly counter: Counter) {}

  @SubscribeMessage('count')
  count(): Answer {
    return { event: 'count', data: ++this.counter.count };
  }
}
