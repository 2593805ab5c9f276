/**
 * The same protocol by the schemas of three libraries: what a handler gets, what it may answer, and what a
 * client is told, are the same. What is expected not to compile is marked so.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsePipes, ValidationPipe } from '@nestjs/common';
import { type } from 'arktype';
import { type Observable, of } from 'rxjs';
import * as v from 'valibot';
import { z } from 'zod';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe, defineProtocol } from 'nestwire';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const byZod = z.object({
  text: z.string().min(1),
  loud: z.boolean().default(false),
  tags: z.array(z.object({ name: z.string() })).default([]),
});
const Zod = defineProtocol('zod.v1', {
  client: { say: { payload: byZod, reply: z.object({ n: z.number() }) }, watch: { stream: z.string() } },
  server: { said: byZod },
});

const byValibot = v.object({
  text: v.pipe(v.string(), v.minLength(1)),
  loud: v.optional(v.boolean(), false),
  tags: v.optional(v.array(v.object({ name: v.string() })), []),
});
const Valibot = defineProtocol('valibot.v1', {
  client: { say: { payload: byValibot, reply: v.object({ n: v.number() }) }, watch: { stream: v.string() } },
  server: { said: byValibot },
});

const byArktype = type({
  text: 'string >= 1',
  loud: 'boolean = false',
  tags: type({ name: 'string' })
    .array()
    .default(() => []),
});
type byArktype = typeof byArktype.infer;
const Arktype = defineProtocol('arktype.v1', {
  client: { say: { payload: byArktype, reply: type({ n: 'number' }) }, watch: { stream: type('string') } },
  server: { said: byArktype },
});

interface Said {
  text: string;
  loud: boolean;
  tags: { name: string }[];
}

function answer(said: Said, push: (said: { text: string }) => void): { n: number } {
  push({ text: `${said.text}/${String(said.loud)}/${said.tags.length}` });
  return { n: said.text.length };
}

@Gateway({ path: '/schemas', protocols: [Zod, Valibot, Arktype] })
class SchemasGateway {
  @Subscribe(Zod, 'say')
  zod(said: Said, session: GatewaySession<typeof Zod>): { n: number } {
    return answer(said, (data) => session.push('said', data));
  }

  @Subscribe(Valibot, 'say')
  valibot(said: Said, session: GatewaySession<typeof Valibot>): { n: number } {
    return answer(said, (data) => session.push('said', data));
  }

  // the schema has the name of its type, and is a function: no class for ValidationPipe
  @Subscribe(Arktype, 'say')
  @UsePipes(new ValidationPipe({ transform: true, whitelist: true }))
  arktype(
    @Payload() said: byArktype,
    @CurrentSession() session: GatewaySession<typeof Arktype>,
  ): { n: number } {
    return answer(said, (data) => session.push('said', data));
  }

  @Subscribe(Zod, 'watch')
  @Subscribe(Valibot, 'watch')
  @Subscribe(Arktype, 'watch')
  watch(): Observable<string> {
    return of('a');
  }
}

export class Wrong {
  // @ts-expect-error zod: text is a string
  @Subscribe(Zod, 'say')
  zodPayload(body: { text: number }): { n: number } {
    return { n: body.text };
  }

  // @ts-expect-error valibot: text is a string
  @Subscribe(Valibot, 'say')
  valibotPayload(body: { text: number }): { n: number } {
    return { n: body.text };
  }

  // @ts-expect-error arktype: text is a string
  @Subscribe(Arktype, 'say')
  arktypePayload(body: { text: number }): { n: number } {
    return { n: body.text };
  }

  // @ts-expect-error valibot: n is a number
  @Subscribe(Valibot, 'say')
  valibotReply(): { n: string } {
    return { n: '' };
  }

  // @ts-expect-error arktype: n is a number
  @Subscribe(Arktype, 'say')
  arktypeReply(): { n: string } {
    return { n: '' };
  }

  // @ts-expect-error arktype: items are strings
  @Subscribe(Arktype, 'watch')
  arktypeItems(): Observable<number> {
    return of(1);
  }
}

export function pushes(
  valibot: GatewaySession<typeof Valibot>,
  arktype: GatewaySession<typeof Arktype>,
): void {
  valibot.push('said', { text: 'what has a default may be left out' });
  arktype.push('said', { text: 'what has a default may be left out' });
  // @ts-expect-error valibot: text is missing
  valibot.push('said', { loud: true });
  // @ts-expect-error arktype: text is missing
  arktype.push('said', { loud: true });
}

describe.each(['zod', 'valibot', 'arktype'])('schemas of %s', (library) => {
  let running: TestApp;
  let client: WsClient;

  beforeAll(async () => {
    running = await startApp({
      module: { providers: [SchemasGateway] },
      nestwire: { validateOutbound: true },
    });
    client = await WsClient.connect(`ws://${running.address}/schemas`, [`${library}.v1`]);
  });

  afterAll(() => running.close());

  it('make of a payload what the handler gets', async () => {
    client.send({ event: 'say', id: 1, data: { text: 'hi' } });

    expect(await client.take(2)).toEqual([
      { event: 'said', data: { text: 'hi/false/0' } },
      { event: 'say', id: 1, data: { n: 2 } },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['text', { text: '' }, 'text'],
    ['tags.1.name', { text: 'x', tags: [{ name: 'a' }, { name: 1 }] }, 'tags.1.name'],
    ['the payload itself', 'text', ''],
    ['the payload itself, when there is none', undefined, ''],
  ])('refuse a payload, and say where: %s', async (_, data, path) => {
    expect(await client.request('say', data)).toMatchObject({
      event: 'exception',
      data: { code: 'VALIDATION_FAILED', details: [{ path, message: expect.stringMatching(/./) }] },
    });
  });

  it('let items through', async () => {
    client.send({ event: 'watch', id: 1 });

    expect(await client.take(2)).toEqual([
      { event: 'watch', id: 1, data: 'a', more: true },
      { event: 'watch', id: 1 },
    ]);
  });
});
