import type { Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RESERVED_PREFIX } from '../../protocol/envelope/index.js';
import type { SubscriptionMetadata } from '../decorators/metadata.js';
import { InvalidGatewayError } from './errors.js';
import { isWildcard } from './event-table.js';
import type { GatewayDefinition } from './gateway-definition.js';

/** @throws InvalidGatewayError: a mistake in the decorators should not wait for the first client */
export function checkGateway(gateway: GatewayDefinition): void {
  const { metatype, options, protocols, subscriptions } = gateway;
  if (options.protocol && options.protocols) {
    throw new InvalidGatewayError(`${metatype.name} has both "protocol" and "protocols"`);
  }
  if (new Set(protocols.map(({ name }) => name)).size !== protocols.length) {
    throw new InvalidGatewayError(`${metatype.name} lists a protocol twice`);
  }
  checkConcurrency(gateway);
  for (const { name, metadata } of subscriptions) checkSubscription(gateway, name, metadata);
}

function checkConcurrency({ metatype, options }: GatewayDefinition): void {
  const { concurrency = 1 } = options;
  if (Number.isSafeInteger(concurrency) && concurrency >= 1) return;
  throw new InvalidGatewayError(
    `${metatype.name}: concurrency must be a positive integer, not ${concurrency}`,
  );
}

function checkSubscription(
  { metatype, protocols }: GatewayDefinition,
  method: string,
  { event, protocol }: SubscriptionMetadata,
): void {
  const where = `${metatype.name}.${method}`;
  if (event === '' || event.startsWith(RESERVED_PREFIX)) {
    throw new InvalidGatewayError(`${where}: the event name "${event}" is reserved`);
  }
  if (hasAck(metatype, method)) {
    throw new InvalidGatewayError(`${where} has @Ack(): the answer is what a handler returns`);
  }
  if (event.slice(0, -1).includes('*')) {
    throw new InvalidGatewayError(`${where}: "*" may only be the end of "${event}"`);
  }
  if (!protocol) return;
  if (!protocols.includes(protocol)) {
    throw new InvalidGatewayError(`${where}: the gateway does not speak protocol "${protocol.name}"`);
  }
  if (isWildcard(event)) {
    throw new InvalidGatewayError(
      `${where}: "${event}" of protocol "${protocol.name}" is a wildcard, which has no schema`,
    );
  }
  if (!Object.hasOwn(protocol.client, event)) {
    throw new InvalidGatewayError(`${where}: protocol "${protocol.name}" has no client event "${event}"`);
  }
}

/** WsParamtype.ACK of `@nestjs/websockets`, where it is `ack` of socket.io. */
function hasAck(metatype: Type, method: string): boolean {
  const params = Reflect.getMetadata(ROUTE_ARGS_METADATA, metatype, method) as object | undefined;
  return Object.keys(params ?? {}).some((key) => key.startsWith('13:'));
}
