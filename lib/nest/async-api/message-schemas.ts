/** The messages of docs/protocol.md, each as a schema: the envelope around what the application's schema says. */
import type { AnyProtocol, StandardSchema } from '../../protocol/index.js';
import type { JsonSchema, ToJsonSchema } from './json-schema.js';

const ID: JsonSchema = {
  description: 'Of the request. A string of up to 64 bytes, or a safe integer.',
  oneOf: [{ type: 'string', maxLength: 64 }, { type: 'integer' }],
};

const EXCEPTION: JsonSchema = {
  type: 'object',
  required: ['status', 'statusCode', 'code', 'message'],
  properties: {
    status: { const: 'error' },
    statusCode: { type: 'integer', minimum: 100, maximum: 599 },
    code: { type: 'string' },
    message: { type: 'string' },
    details: true,
  },
};

export interface Message {
  readonly name: string;
  readonly title: string;
  readonly payload: JsonSchema;
}

interface Envelope {
  readonly title: string;
  readonly event: string;
  readonly data: JsonSchema | undefined;
  readonly needsData?: boolean;
  readonly id?: 'optional' | 'required';
  /** Whether more follows. */
  readonly more?: boolean;
}

function message({ title, event, data, needsData = false, id, more = false }: Envelope): Message {
  const required = ['event', needsData && 'data', id === 'required' && 'id', more && 'more'].filter(Boolean);
  const properties = {
    event: { const: event },
    ...(data !== undefined && { data }),
    ...(id !== undefined && { id: ID }),
    ...(more && { more: { const: true } }),
  };
  return { name: event, title, payload: { type: 'object', required, properties } };
}

/** What is said about one event that clients send. */
export interface ClientEventMessages {
  readonly request: Message;
  readonly answers: readonly Message[];
}

export class MessageSchemas {
  constructor(private readonly toJsonSchema: ToJsonSchema) {}

  /** @param protocol undefined for an event without a schema */
  ofClientEvent(event: string, protocol: AnyProtocol | undefined): ClientEventMessages {
    const { payload, reply, stream } = protocol?.client[event] ?? {};
    const data = protocol ? payload && this.schemaOf(payload, 'input') : true;
    const request = message({
      title: event,
      event,
      data,
      needsData: payload !== undefined,
      id: 'optional',
    });
    return { request, answers: this.answersTo(event, protocol ? (reply ?? stream) : undefined, stream) };
  }

  private answersTo(
    event: string,
    answer: StandardSchema | undefined,
    stream: StandardSchema | undefined,
  ): Message[] {
    const data = answer ? this.schemaOf(answer, 'output') : true;
    const end = message({ title: `end of ${event}`, event, data: undefined, id: 'required' });
    if (!stream) return [message({ title: `reply to ${event}`, event, data, id: 'required' }), exception()];
    const item = {
      title: `item of ${event}`,
      event,
      data,
      needsData: true,
      id: 'required',
      more: true,
    } as const;
    return [message(item), end, exception()];
  }

  ofServerEvent(event: string, schema: StandardSchema): Message {
    return message({ title: event, event, data: this.schemaOf(schema, 'output'), needsData: true });
  }

  private schemaOf(schema: StandardSchema, side: 'input' | 'output'): JsonSchema {
    return this.toJsonSchema(schema, side) ?? true;
  }
}

function exception(): Message {
  return message({
    title: 'exception',
    event: 'exception',
    data: EXCEPTION,
    needsData: true,
    id: 'required',
  });
}
