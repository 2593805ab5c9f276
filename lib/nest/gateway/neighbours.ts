/**
 * Classes under Nest's own `@WebSocketGateway`. Whatever adapter serves them listens to upgrades of the same
 * server, and would take those of a path that is ours too.
 */
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { InvalidGatewayError } from './errors.js';

/** What `@nestjs/websockets`, an optional peer, leaves at a class. */
const METADATA = { gateway: 'websockets:is_gateway', port: 'port', options: 'websockets:gateway_options' };

export interface Neighbour {
  readonly name: string;
  readonly path: string;
}

/** Those with a path of their own on the application's port: where the others are is up to their adapter. */
export function neighboursAmong(providers: readonly InstanceWrapper[]): Neighbour[] {
  return providers.flatMap(({ metatype, isNotMetatype }) => {
    if (isNotMetatype || !metatype || !Reflect.hasMetadata(METADATA.gateway, metatype)) return [];
    const options = Reflect.getMetadata(METADATA.options, metatype) as { path?: unknown } | undefined;
    const isOnOwnPort = Boolean(Reflect.getMetadata(METADATA.port, metatype));
    const path = options?.path;
    return isOnOwnPort || typeof path !== 'string' || path === '' ? [] : [{ name: metatype.name, path }];
  });
}

/**
 * @param gatewayAt what we serve on a path
 * @throws InvalidGatewayError where both kinds are on one path
 */
export function checkNeighbours(
  neighbours: readonly Neighbour[],
  gatewayAt: (path: string) => string | undefined,
): void {
  for (const { name, path } of neighbours) {
    const ours = gatewayAt(path);
    if (ours === undefined) continue;
    throw new InvalidGatewayError(
      `${name} (@WebSocketGateway) has path ${path}, which is that of ${ours} too: give one of them another path`,
    );
  }
}
