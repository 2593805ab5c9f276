import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ForbiddenException } from '@nestjs/common';
import {
  type Observable,
  Subject,
  filter,
  finalize,
  firstValueFrom,
  interval,
  map,
  take,
  toArray,
} from 'rxjs';
import { z } from 'zod';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Subscribe, defineProtocol } from 'nestwire';
import { type Client, type Status, type TransportKind, connect } from 'nestwire/client';
import { type TestApp, startApp } from '../support/test-app.js';

const CountProtocol = defineProtocol('count.v1', {
  client: {
    add: { payload: z.number(), reply: z.number() },
    forbidden: { reply: z.string() },
    never: { reply: z.string() },
    ticks: { payload: z.object({ count: z.number() }), stream: z.number() },
    note: { payload: z.string() },
  },
  server: { noted: z.string(), welcome: z.string() },
});
type Count = typeof CountProtocol;

@Gateway({ path: '/count', protocol: CountProtocol, concurrency: 8 })
class CountGateway {
  readonly sessions: GatewaySession<Count>[] = [];
  readonly over$ = new Subject<string>();
  private sum = 0;

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession<Count>): void {
    this.sessions.push(session);
    session.push('welcome', session.headers.authorization ?? session.headers['sec-websocket-protocol'] ?? '');
  }

  @Subscribe(CountProtocol, 'add')
  add(by: number): number {
    return (this.sum += by);
  }

  @Subscribe(CountProtocol, 'forbidden')
  forbidden(): string {
    throw new ForbiddenException('not you');
  }

  @Subscribe(CountProtocol, 'never')
  never(): Promise<string> {
    return new Promise(() => undefined);
  }

  @Subscribe(CountProtocol, 'ticks')
  ticks({ count }: { count: number }): Observable<number> {
    return interval(1).pipe(
      take(count),
      finalize(() => this.over$.next('ticks')),
    );
  }

  @Subscribe(CountProtocol, 'note')
  note(text: string, session: GatewaySession<Count>): void {
    session.push('noted', text);
  }
}

/** From the header of a request, or the list of subprotocols. */
function tokenOf(welcome: string): string {
  const [, encoded] = /bearer\.(\S+)/.exec(welcome) ?? [];
  return encoded ? Buffer.from(encoded, 'base64url').toString() : welcome.replace('Bearer ', '');
}

describe.each<[string, boolean, TransportKind]>([
  ['plain', false, 'websocket'],
  ['resumable', true, 'websocket'],
  ['resumable', true, 'event-stream'],
  ['resumable', true, 'long-polling'],
  ['resumable', true, 'short-polling'],
])('A client with a %s session (%s) over %s', (_, resumable, transport) => {
  let app: TestApp;
  let gateway: CountGateway;
  let client: Client<Count>;

  beforeEach(async () => {
    app = await startApp({ module: { providers: [CountGateway] } });
    gateway = app.app.get(CountGateway);
    client = open();
  });

  afterEach(async () => {
    client.close();
    await app.close();
  });

  const open = (options: Parameters<typeof connect<Count>>[1] = {}): Client<Count> =>
    connect(`http://${app.address}/count`, {
      protocol: CountProtocol,
      resumable,
      transports: [transport],
      polling: { intervalMs: 5 },
      ...options,
    });

  const until = (state: Status['state']): Promise<Status> =>
    firstValueFrom(client.status$.pipe(filter((status) => status.state === state)));

  const lose = async (): Promise<void> => {
    (gateway.sessions.at(-1) as unknown as { terminate(): void }).terminate();
    await until('waiting');
  };

  it('asks, and gets the answer of each request', async () => {
    const sums = await Promise.all([
      client.request('add', 1),
      client.request('add', 2),
      client.request('add', 3),
    ]);
    expect(sums).toEqual([1, 3, 6]);
    expect(client.status).toEqual({ state: 'open', transport });
  });

  it('rejects with what the server throws', async () => {
    await expect(client.request('forbidden')).rejects.toMatchObject({ code: 'FORBIDDEN', statusCode: 403 });
    await expect(client.request('add', 'one' as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('confirms a message that has no answer', async () => {
    await expect(client.request('note', 'x')).resolves.toBeUndefined();
  });

  it('gets the items of a stream, and its end', async () => {
    const items = await firstValueFrom(client.stream('ticks', { count: 5 }).pipe(toArray()));
    expect(items).toEqual([0, 1, 2, 3, 4]);
  });

  it('ends a stream on the server by unsubscribing', async () => {
    const over = firstValueFrom(gateway.over$);
    await firstValueFrom(client.stream('ticks', { count: 1_000_000 }));
    expect(await over).toBe('ticks');
  });

  it('hears what the server pushes', async () => {
    const noted = firstValueFrom(client.on('noted'));
    client.send('note', 'written down');
    expect(await noted).toBe('written down');
  });

  it('gives up after the time limit, and when it is aborted', async () => {
    await expect(client.request('never', undefined, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      message: '"never" was not answered within 20 ms',
    });
    const aborting = new AbortController();
    const request = client.request('never', undefined, { signal: aborting.signal });
    aborting.abort();
    await expect(request).rejects.toMatchObject({ code: 'REQUEST_ABORTED' });
    await expect(client.request('never', undefined, { signal: aborting.signal })).rejects.toMatchObject({
      code: 'REQUEST_ABORTED',
    });
  });

  it('refuses more than may wait', async () => {
    client.close();
    client = open({ maxQueued: 2 });
    client.send('note', 'a');
    client.send('note', 'b');
    expect(() => client.send('note', 'c')).toThrow('2 messages wait for the connection, which is the limit');
  });

  it('fails what is open, and what is asked later, when it is closed', async () => {
    await until('open');
    const open = client.request('never');
    const late = new Promise((resolve, reject) =>
      client.on('noted').subscribe({ complete: () => resolve('over'), error: reject }),
    );
    client.close(4000, 'bye');
    await expect(open).rejects.toMatchObject({ code: 'CLIENT_CLOSED', closeCode: 4000 });
    await expect(client.request('add', 1)).rejects.toThrow('the client is closed with 4000: bye');
    expect(() => client.send('note', '')).toThrow('the client is closed');
    expect(await late).toBe('over');
    expect(client.status).toEqual({ state: 'closed', code: 4000, reason: 'bye' });
  });

  it('stays away when the server says so', async () => {
    await until('open');
    gateway.sessions[0]!.close(4403, 'revoked');
    expect(await until('closed')).toEqual({ state: 'closed', code: 4403, reason: 'revoked' });
  });

  it('comes back when the connection is lost, with a new token each time', async () => {
    client.close();
    let tokens = 0;
    client = open({ token: () => `token ${++tokens}`, backOff: { minMs: 1 } });
    const welcomes = firstValueFrom(
      client.on('welcome').pipe(map(tokenOf), take(resumable ? 1 : 2), toArray()),
    );
    await until('open');
    await lose();
    await until('open');
    expect(tokens).toBe(2);
    expect(await welcomes).toEqual(resumable ? ['token 1'] : ['token 1', 'token 2']);
  });

  it('sends what was asked while there was no connection', async () => {
    await until('open');
    await lose();
    const sum = client.request('add', 7);
    client.retry();
    expect(await sum).toBe(7);
  });
});
