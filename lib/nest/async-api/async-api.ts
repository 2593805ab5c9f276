/** The gateways of an application as an AsyncAPI document (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
import type { INestApplicationContext } from '@nestjs/common';
import type { AnyProtocol } from '../../protocol/index.js';
import { GatewayServer } from '../gateway-server.js';
import type { GatewayAddress } from '../gateway/gateway-address.js';
import { type ToJsonSchema, standardJsonSchema } from './json-schema.js';
import { type Message, MessageSchemas } from './message-schemas.js';

export interface AsyncApiOptions {
  /** Copied into the document. Default title `Gateways`, version `1.0.0`. */
  readonly info?: { readonly title: string; readonly version: string; readonly [field: string]: unknown };
  /** Copied into the document: where the application is, as `{ production: { host, protocol: 'wss' } }`. */
  readonly servers?: Readonly<Record<string, unknown>>;
  /**
   * For libraries whose schemas do not make JSON Schema themselves (zod's and arktype's do); asked first,
   * and undefined leaves it to the schema.
   */
  readonly toJsonSchema?: ToJsonSchema;
}

/** An AsyncAPI 3.0 document: plain JSON. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: AsyncApiOptions['info'];
  readonly defaultContentType: 'application/json';
  readonly servers?: Readonly<Record<string, unknown>>;
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  readonly operations: Readonly<Record<string, unknown>>;
}

export interface AsyncApiChannel {
  readonly address: string;
  readonly messages: Readonly<Record<string, Message>>;
  readonly [field: string]: unknown;
}

const INFO = { title: 'Gateways', version: '1.0.0' };

/**
 * Describes every gateway under `@Gateway`: a channel for each path, an operation for each event. Messages of
 * a protocol have its schemas; of plain events only the name is known.
 * @param app an initialised application with `NestwireModule`
 */
export function asyncApi(
  app: INestApplicationContext,
  { info = INFO, servers, toJsonSchema }: AsyncApiOptions = {},
): AsyncApiDocument {
  const convert: ToJsonSchema = (schema, side) =>
    toJsonSchema?.(schema, side) ?? standardJsonSchema(schema, side);
  const schemas = new MessageSchemas(convert);
  const described = app
    .get(GatewayServer, { strict: false })
    .addresses()
    .map((place) => new Description(place, schemas));
  return {
    asyncapi: '3.0.0',
    info,
    defaultContentType: 'application/json',
    ...(servers && { servers }),
    channels: Object.fromEntries(described.map(({ name, channel }) => [name, channel])),
    operations: Object.assign({}, ...described.map(({ operations }) => operations)) as Record<
      string,
      unknown
    >,
  };
}

/** One address: its channel, and what can be done there. */
class Description {
  readonly name: string;
  readonly operations: Record<string, unknown> = {};
  private readonly messages: Record<string, Message> = {};

  constructor(
    private readonly place: GatewayAddress,
    private readonly schemas: MessageSchemas,
  ) {
    this.name = idOf(place.address) || 'root';
    for (const gateway of place.gateways) {
      for (const { metadata } of gateway.subscriptions) this.receive(metadata.event, metadata.protocol);
    }
    for (const protocol of this.protocols) {
      for (const event of Object.keys(protocol.server)) this.send(event, protocol);
    }
  }

  private get protocols(): Set<AnyProtocol> {
    return new Set(this.place.gateways.flatMap(({ protocols }) => protocols));
  }

  get channel(): AsyncApiChannel {
    const { address } = this.place;
    const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const tokens = [...this.protocols].map(({ name }) => name);
    return {
      address,
      messages: this.messages,
      ...(names.length > 0 && { parameters: Object.fromEntries(names.map((name) => [name, {}])) }),
      ...(tokens.length > 0 && { description: `Subprotocols: ${tokens.join(', ')}` }),
      bindings: { ws: { method: 'GET' } },
    };
  }

  /** From the application's point of view: it receives what clients send. */
  private receive(event: string, protocol: AnyProtocol | undefined): void {
    const { request, answers } = this.schemas.ofClientEvent(event, protocol);
    const id = idOf(`${protocol?.name ?? ''}.${event}`);
    this.operations[`${this.name}.receive.${id}`] = {
      action: 'receive',
      channel: this.reference,
      title: event,
      messages: [this.refer(id, request)],
      reply: {
        channel: this.reference,
        messages: answers.map((answer, i) => this.refer(answerId(id, answer, i), answer)),
      },
    };
  }

  private send(event: string, protocol: AnyProtocol): void {
    const id = idOf(`${protocol.name}.${event}`);
    this.operations[`${this.name}.send.${id}`] = {
      action: 'send',
      channel: this.reference,
      title: event,
      messages: [this.refer(`${id}.push`, this.schemas.ofServerEvent(event, protocol.server[event]!))],
    };
  }

  private get reference(): { readonly $ref: string } {
    return { $ref: `#/channels/${this.name}` };
  }

  private refer(id: string, message: Message): { readonly $ref: string } {
    this.messages[id] = message;
    return { $ref: `${this.reference.$ref}/messages/${id}` };
  }
}

const answerId = (id: string, { name }: Message, index: number): string =>
  name === 'exception' ? 'exception' : `${id}.answer${index === 0 ? '' : '.end'}`;

/** Names that need no escape in a reference: `/rooms/{room}` is `rooms._room_`. */
const idOf = (text: string): string =>
  text
    .replace(/^[/.]+/, '')
    .replaceAll('/', '.')
    .replace(/[^\w.-]/g, '_');
