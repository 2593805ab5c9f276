import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsePipes, ValidationPipe } from '@nestjs/common';
import { Allow, IsInt, MaxLength } from 'class-validator';
import { z } from 'zod';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe, defineProtocol } from 'nestwire';
import { AnsweredByExceptionError, type TestClient, connectInProcess } from 'nestwire/testing';
import { type TestApp, startApp } from '../support/test-app.js';

class RenameDto {
  @MaxLength(5)
  name!: string;

  @IsInt()
  times!: number;
}

class LooseDto {
  @Allow()
  a!: unknown;
}

const Sum = defineProtocol('sum.v1', {
  client: {
    add: { payload: z.object({ a: z.coerce.number(), b: z.number().default(10) }), reply: z.number() },
    slowly: {
      payload: z.object({ a: z.number() }).refine(async ({ a }) => Promise.resolve(a > 0), 'not positive'),
      reply: z.number(),
    },
    bare: { reply: z.string() },
  },
  server: {},
});

@Gateway({ path: '/validated', protocol: Sum })
class ValidatingGateway {
  @Subscribe(Sum, 'add')
  add({ a, b }: { a: number; b: number }): number {
    return a + b;
  }

  @Subscribe(Sum, 'slowly')
  slowly(@Payload() { a }: { a: number }): number {
    return a;
  }

  @Subscribe(Sum, 'bare')
  bare(payload: undefined, session?: GatewaySession): string {
    return `${typeof payload} ${typeof session}`;
  }

  @Subscribe('rename')
  @UsePipes(new ValidationPipe({ transform: true, whitelist: true }))
  rename(@Payload() dto: RenameDto): unknown {
    return { isDto: dto instanceof RenameDto, name: dto.name, times: dto.times, keys: Object.keys(dto) };
  }

  @Subscribe('loose')
  @UsePipes(new ValidationPipe({ whitelist: true }))
  loose(@Payload() dto: LooseDto, @CurrentSession() session: GatewaySession): unknown {
    return { dto, id: session.id.length };
  }
}

describe('a payload', () => {
  let running: TestApp;
  let client: TestClient;

  beforeAll(async () => {
    running = await startApp({ module: { providers: [ValidatingGateway] } });
    client = await connectInProcess(running.app, '/validated', { subprotocols: ['sum.v1'] });
  });

  afterAll(() => running.close());

  const ask = (event: string, data?: unknown): Promise<unknown> => client.request(event, data);

  async function refusal(event: string, data: unknown): Promise<unknown> {
    const refused: unknown = await ask(event, data).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AnsweredByExceptionError);
    return refused;
  }

  it('that is typed is what the schema made of it', async () => {
    expect(await ask('add', { a: '1' })).toBe(11);
    expect(await ask('slowly', { a: 3 })).toBe(3);
    expect(await ask('bare')).toBe('undefined object');
  });

  it('that its schema refuses is answered with the issues, at once or later', async () => {
    expect(await refusal('add', { a: 'x' })).toMatchObject({
      statusCode: 400,
      code: 'VALIDATION_FAILED',
      details: [expect.objectContaining({ path: 'a' })],
    });
    expect(await refusal('slowly', { a: -1 })).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [{ path: '', message: 'not positive' }],
    });
  });

  it('may be a DTO class under ValidationPipe, which leaves the session alone', async () => {
    expect(await ask('rename', { name: 'ann', times: 2, more: 1 })).toEqual({
      isDto: true,
      name: 'ann',
      times: 2,
      keys: ['name', 'times'],
    });
    expect(await refusal('rename', { name: 'too long', times: 2 })).toMatchObject({
      code: 'VALIDATION_FAILED',
      statusCode: 400,
      details: [expect.stringContaining('name')],
    });
    expect(await ask('loose', { a: 1, b: 2 })).toEqual({ dto: { a: 1 }, id: 36 });
  });

  it('closes with 4400 when it is refused a hundred times in a row, by schema or pipe', async () => {
    const other = await connectInProcess(running.app, '/validated');
    for (let i = 0; i < 100; i++) other.send(i % 2 === 0 ? 'add' : 'rename', {});

    expect(await other.closed).toMatchObject({ code: 4400 });
  });
});
