/** Type tests: what is expected not to compile is marked so, and `tsc` fails when it compiles after all. */
import { describe, expect, it } from '@jest/globals';
import { type Observable, of } from 'rxjs';
import { z } from 'zod';
import { CurrentSession, GatewaySession, Payload, Subscribe, defineProtocol } from 'nestwire';

const SendMessage = z.object({ text: z.string(), loud: z.boolean().default(false) });
type SendMessage = z.infer<typeof SendMessage>;
const Sent = z.object({ id: z.number() });

const Chat = defineProtocol('chat.v1', {
  client: {
    send: { payload: SendMessage, reply: Sent },
    watch: { payload: z.object({ room: z.string() }), stream: z.object({ text: z.string() }) },
    typing: { payload: z.object({ on: z.boolean() }) },
    ping: { reply: z.literal('pong') },
  },
  server: { message: SendMessage, count: z.number() },
});

type ChatSession = GatewaySession<typeof Chat>;

export class Right {
  @Subscribe(Chat, 'send')
  send(@Payload() body: SendMessage, @CurrentSession() session: ChatSession): { id: number } {
    session.push('message', { text: body.text });
    return { id: body.text.length };
  }

  @Subscribe(Chat, 'send')
  async later({ loud }: { loud: boolean }): Promise<{ id: number }> {
    return Promise.resolve({ id: Number(loud) });
  }

  @Subscribe(Chat, 'watch', { overflow: 'latest' })
  watch({ room }: { room: string }): Observable<{ text: string }> {
    return of({ text: room });
  }

  @Subscribe(Chat, 'watch')
  async *iterate({ room }: { room: string }): AsyncGenerator<{ text: string }> {
    yield await Promise.resolve({ text: room });
  }

  @Subscribe(Chat, 'typing')
  typing(body: { on: boolean }): void {
    body.on.valueOf();
  }

  @Subscribe(Chat, 'typing')
  async typingLater(): Promise<void> {}

  @Subscribe(Chat, 'ping')
  ping(): 'pong' {
    return 'pong';
  }

  @Subscribe('plain')
  plain(@Payload() data: unknown): number {
    return Number(data);
  }
}

export class Wrong {
  // @ts-expect-error the protocol has no such event
  @Subscribe(Chat, 'sent')
  unknownEvent(): void {}

  // @ts-expect-error a server's event is no client's
  @Subscribe(Chat, 'message')
  serverEvent(): void {}

  // @ts-expect-error the payload's text is a string
  @Subscribe(Chat, 'send')
  payload(body: { text: number }): { id: number } {
    return { id: body.text };
  }

  // @ts-expect-error the payload has no such field
  @Subscribe(Chat, 'send')
  narrower(body: { text: string; loud: boolean; extra: number }): { id: number } {
    return { id: body.extra };
  }

  // @ts-expect-error the reply's id is a number
  @Subscribe(Chat, 'send')
  reply(): { id: string } {
    return { id: '1' };
  }

  // @ts-expect-error a reply is due
  @Subscribe(Chat, 'send')
  noReply(): void {}

  // @ts-expect-error a stream is due
  @Subscribe(Chat, 'watch')
  noStream(): { text: string } {
    return { text: '' };
  }

  // @ts-expect-error items have text
  @Subscribe(Chat, 'watch')
  items(): Observable<{ txt: string }> {
    return of({ txt: '' });
  }

  // @ts-expect-error nothing is due
  @Subscribe(Chat, 'typing')
  answer(): number {
    return 1;
  }

  // @ts-expect-error nothing is due, later neither
  @Subscribe(Chat, 'typing')
  answerLater(): Promise<number> {
    return Promise.resolve(1);
  }

  // @ts-expect-error the literal
  @Subscribe(Chat, 'ping')
  literal(): string {
    return 'pong';
  }
}

export function pushes(session: ChatSession): void {
  session.push('message', { text: '' });
  session.push('message', { text: '', loud: true });
  session.push('count', 1);
  // @ts-expect-error a client's event is no server's
  session.push('typing', { on: true });
  // @ts-expect-error count is a number
  session.push('count', '1');
  // @ts-expect-error text is missing
  session.push('message', {});
}

export function untyped(session: GatewaySession): void {
  session.push('whatever', { is: 'there' });
  const named: GatewaySession<typeof Chat, { name: string }> = session as GatewaySession<
    typeof Chat,
    { name: string }
  >;
  named.data.name.toUpperCase();
}

export function acceptsAny(session: ChatSession): void {
  untyped(session);
}

export function contradictions(): void {
  // @ts-expect-error a message is answered once or by a stream, not both
  defineProtocol('x.v1', { client: { both: { reply: z.string(), stream: z.string() } } });
  // @ts-expect-error a schema is due
  defineProtocol('x.v1', { server: { news: 'text' } });
}

describe('the types of a protocol', () => {
  it('are checked by the compiler; here they only have to load', () => {
    expect(GatewaySession).toBeInstanceOf(Function);
    expect(new Right()).toBeInstanceOf(Right);
  });
});
