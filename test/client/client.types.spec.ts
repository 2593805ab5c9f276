/** Type tests: what is expected not to compile is marked so, and `tsc` fails when it compiles after all. */
import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { defineProtocol } from 'nestwire';
import { type Client, connect } from 'nestwire/client';

export const Talk = defineProtocol('talk.v1', {
  client: {
    say: { payload: z.string(), reply: z.object({ id: z.number() }) },
    watch: { payload: z.object({ room: z.string() }), stream: z.string() },
    parse: { payload: z.number().default(1), reply: z.coerce.number() },
    typing: {},
  },
  server: { said: z.string() },
});

export class Typed {
  constructor(private readonly client: Client<typeof Talk>) {}

  id = async (): Promise<number> => (await this.client.request('say', 'hello')).id;
  patient = (): Promise<unknown> => this.client.request('say', 'hello', { timeoutMs: 1 });
  parsed = (): Promise<number> => this.client.request('parse');
  confirmed = (): Promise<undefined> => this.client.request('typing');
  items = (): Observable<string> => this.client.stream('watch', { room: 'lobby' });
  pushes = (): Observable<string> => this.client.on('said');
  silent = (): void => this.client.send('typing');

  // @ts-expect-error no such event
  event = (): Promise<unknown> => this.client.request('shout', 'hello');
  // @ts-expect-error no such payload
  payload = (): Promise<unknown> => this.client.request('say', 7);
  // @ts-expect-error a payload is needed
  missing = (): Promise<unknown> => this.client.request('say');
  // @ts-expect-error it takes none
  superfluous = (): void => this.client.send('typing', 'hello');
  // @ts-expect-error no such reply
  reply = (): Promise<string> => this.client.request('say', 'hello');
  // @ts-expect-error it is answered by a stream
  streamed = (): Promise<unknown> => this.client.request('watch', { room: 'lobby' });
  // @ts-expect-error it is answered once
  once = (): Observable<unknown> => this.client.stream('say', 'hello');
  // @ts-expect-error what a client sends is not what a server pushes
  push = (): Observable<unknown> => this.client.on('say');
}

export class Untyped {
  constructor(private readonly client: Client) {}

  reply = (): Promise<unknown> => this.client.request('anything', { at: 'all' });
  items = (): Observable<unknown> => this.client.stream('anything');
  pushes = (): Observable<unknown> => this.client.on('anything');
  // @ts-expect-error nobody knows what comes
  known = (): Promise<string> => this.client.request('anything');
}

describe('A client with a protocol', () => {
  it('has its types', () => {
    const client: Client<typeof Talk> = connect('http://127.0.0.1:9/', { protocol: Talk });
    client.close();
    expect(client.status).toMatchObject({ state: 'closed', code: 1000 });
  });
});
