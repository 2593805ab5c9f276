/** Type tests: what is expected not to compile is marked so, and `tsc` fails when it compiles after all. */
import { describe, expect, it } from '@jest/globals';
import { defineProtocol } from 'nestwire';
import { TestClient } from 'nestwire/testing';
import type { Observable } from 'rxjs';
import { z } from 'zod';

export const Talk = defineProtocol('talk.v1', {
  client: {
    add: { payload: z.object({ a: z.number(), b: z.number().default(1) }), reply: z.coerce.number() },
    watch: { payload: z.string(), stream: z.object({ n: z.number() }) },
    ping: { reply: z.literal('pong') },
    typing: {},
  },
  server: { message: z.object({ text: z.string() }) },
});

export class Typed {
  constructor(private readonly client: TestClient<typeof Talk>) {}

  sum = (): Promise<number> => this.client.request('add', { a: 1 });
  pong = (): Promise<'pong'> => this.client.request('ping');
  silent = (): Promise<undefined> => this.client.request('typing');
  items = (): Observable<{ n: number }> => this.client.stream('watch', 'all');
  text = async (): Promise<string> => (await this.client.next('message')).data.text;

  // @ts-expect-error no such event
  event = (): Promise<unknown> => this.client.request('sub');
  // @ts-expect-error no such payload
  payload = (): Promise<unknown> => this.client.request('add', { a: '1' });
  // @ts-expect-error a payload is needed
  missing = (): Promise<unknown> => this.client.request('add');
  // @ts-expect-error it takes none
  superfluous = (): void => this.client.send('typing', 1);
  // @ts-expect-error no such reply
  reply = (): Promise<string> => this.client.request('add', { a: 1 });
}

export class Untyped {
  constructor(private readonly client: TestClient) {}

  answer = (): Promise<unknown> => this.client.request('anything', { at: 'all' });
  send = (): void => this.client.send('nothing');
  data = async (): Promise<unknown> => (await this.client.next('whatever')).data;

  // @ts-expect-error nobody knows
  unknown = (): Promise<string> => this.client.request('anything');
}

describe('the types of a client', () => {
  it('are checked by the compiler', () => {
    expect(TestClient.length).toBe(2);
  });
});
