import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import { VersioningType } from '@nestjs/common';
import { Ajv } from 'ajv';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import {
  type AsyncApiDocument,
  Gateway,
  type JsonSchema,
  type NestwireOptions,
  Payload,
  Subscribe,
  asyncApi,
  defineProtocol,
} from 'nestwire';
import { type Platform, type TestApp, type TestAppOptions, startApp } from '../../support/test-app.js';

const Sent = type({ at: 'number' });
const Text = z.object({ text: z.string().max(200), bold: z.boolean().default(false) });

const RoomProtocol = defineProtocol('room.v1', {
  client: {
    'message.send': { payload: Text, reply: Sent },
    'message.watch': { payload: z.object({ since: z.number() }), stream: Text },
    typing: {},
  },
  server: { said: Text, counted: v.object({ people: v.number() }) },
});

@Gateway({ path: '/rooms/:room', protocol: RoomProtocol })
class RoomGateway {
  @Subscribe(RoomProtocol, 'message.send')
  send(): { at: number } {
    return { at: 1 };
  }

  @Subscribe(RoomProtocol, 'message.watch')
  async *watch(): AsyncIterable<{ text: string }> {
    yield { text: 'a' };
  }

  @Subscribe(RoomProtocol, 'typing')
  typing(): void {}
}

@Gateway({ path: '/', version: '2' })
class PlainGateway {
  @Subscribe('rename/*')
  rename(@Payload() name: string): string {
    return name;
  }
}

const require = createRequire(import.meta.url);
const isAsyncApi = new Ajv({ strict: false, validateFormats: false }).compile(
  require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object,
);

function expectValid(document: unknown): void {
  isAsyncApi(document);
  expect(isAsyncApi.errors ?? []).toEqual([]);
}

let test: TestApp | undefined;

afterEach(async () => {
  await test?.close();
  test = undefined;
});

async function documentOf(
  options: Partial<TestAppOptions> & { readonly nestwire?: NestwireOptions } = {},
  describing: Parameters<typeof asyncApi>[1] = {},
): Promise<AsyncApiDocument> {
  test = await startApp({
    module: { providers: [RoomGateway, PlainGateway] },
    prepare: (app) => {
      app.enableVersioning({ type: VersioningType.URI });
      app.setGlobalPrefix('api');
    },
    ...options,
  });
  return asyncApi(test.app, describing);
}

const ROOM = 'api.rooms._room_';

describe('the AsyncAPI document of an application', () => {
  it.each<Platform>(['Express', 'Fastify'])('is valid by the specification, on %s', async (platform) => {
    const info = { title: 'Rooms', version: '3.1.0' };
    const servers = { here: { host: 'example.com', protocol: 'wss' } };
    const document = await documentOf({ platform }, { info, servers });
    expectValid(document);
    expect(document).toMatchObject({ asyncapi: '3.0.0', info, servers });
    // whoever fetches it gets JSON
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('has a channel for each address, with its parameters', async () => {
    const { channels } = await documentOf();
    expect(Object.values(channels).map(({ address }) => address)).toEqual(['/api/rooms/{room}', '/api/v2']);
    expect(channels[ROOM]).toMatchObject({ parameters: { room: {} }, description: 'Subprotocols: room.v1' });
  });

  it('has an operation for each event, those of clients as received', async () => {
    const { operations } = await documentOf();
    expect(Object.keys(operations)).toEqual([
      `${ROOM}.receive.room.v1.message.send`,
      `${ROOM}.receive.room.v1.message.watch`,
      `${ROOM}.receive.room.v1.typing`,
      `${ROOM}.send.room.v1.said`,
      `${ROOM}.send.room.v1.counted`,
      'api.v2.receive.rename._',
    ]);
  });

  const payloadOf = ({ channels }: AsyncApiDocument, message: string): JsonSchema =>
    channels[ROOM]!.messages[message]!.payload;

  it('has what clients write before, and what they get after validation', async () => {
    const document = await documentOf();
    expect(payloadOf(document, 'room.v1.message.send')).toMatchObject({
      required: ['event', 'data'],
      properties: { event: { const: 'message.send' }, data: { required: ['text'] } },
    });
    expect(payloadOf(document, 'room.v1.said.push')).toMatchObject({
      properties: { event: { const: 'said' }, data: { required: ['text', 'bold'] } },
    });
  });

  it('has the answers to an event: its reply, the items and the end of a stream, and exceptions', async () => {
    const document = await documentOf();
    const check = (message: string) => new Ajv().compile(payloadOf(document, message) as object);
    const reply = check('room.v1.message.send.answer');
    expect([
      reply({ event: 'message.send', id: 1, data: { at: 1 } }),
      reply({ event: 'message.send' }),
    ]).toEqual([true, false]);
    const data = { text: 'a', bold: false };
    expect(check('room.v1.message.watch.answer')({ event: 'message.watch', id: 'a', data, more: true })).toBe(
      true,
    );
    expect(check('room.v1.message.watch.answer.end')({ event: 'message.watch', id: 'a' })).toBe(true);
    const exception = { status: 'error', statusCode: 400, code: 'BAD', message: 'no' };
    expect(check('exception')({ event: 'exception', id: 0, data: exception })).toBe(true);
  });

  it('knows only the name of what has no schema, or one that cannot tell', async () => {
    const document = await documentOf();
    expect(payloadOf(document, 'room.v1.counted.push')).toMatchObject({ properties: { data: true } });
    expect(document.channels['api.v2']!.messages['rename._']).toMatchObject({
      payload: { required: ['event'], properties: { event: { const: 'rename/*' }, data: true } },
    });
  });

  it('asks the application about schemas first', async () => {
    const people: JsonSchema = { type: 'object', properties: { people: { type: 'number' } } };
    const document = await documentOf(
      {},
      { toJsonSchema: (schema) => (schema['~standard'].vendor === 'valibot' ? people : undefined) },
    );
    expectValid(document);
    expect(payloadOf(document, 'room.v1.counted.push')).toMatchObject({ properties: { data: people } });
    expect(payloadOf(document, 'room.v1.said.push')).toMatchObject({
      properties: { data: { type: 'object' } },
    });
  });
});
