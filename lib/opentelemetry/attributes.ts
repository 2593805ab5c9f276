/** Attributes of spans. Their names are those of OpenTelemetry's conventions, for messaging and for HTTP. */
import type { Attributes } from '@opentelemetry/api';

/** What a message or a publication is for: one of as many as clients like, or one of a few templates. */
export interface Destination {
  readonly name: string;
  /** What it has in common with others. */
  readonly template: string | undefined;
}

/** Names of spans are to be few. */
export const spanName = (operation: string, { name, template }: Destination): string =>
  `${operation} ${template ?? name}`;

export const messagingAttributes = (
  operation: string,
  type: 'process' | 'send',
  { name, template }: Destination,
  others?: Attributes,
): Attributes => ({
  'messaging.system': 'nestwire',
  'messaging.operation.name': operation,
  'messaging.operation.type': type,
  'messaging.destination.name': name,
  ...(template !== undefined && { 'messaging.destination.template': template }),
  ...others,
});

export const sessionAttributes = (sessionId: string, transport: string): Attributes => ({
  'nestwire.session.id': sessionId,
  'nestwire.transport': transport,
});
