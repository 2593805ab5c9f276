/** Where gateways are reached. */
import type { VersioningOptions } from '@nestjs/common';
import { InvalidGatewayError } from './errors.js';
import type { GatewayDefinition } from './gateway-definition.js';
import { type ServedVersion, servedVersions } from './versions.js';

/** Gateways that share one address, and so their sessions. */
export interface Placement {
  /** Undefined: the application's own server. */
  readonly port: number | undefined;
  readonly path: string;
  readonly version: ServedVersion;
  readonly gateways: readonly GatewayDefinition[];
}

/** @throws InvalidGatewayError for a port that is none, or a version without versioning */
export function placeGateways(
  definitions: readonly GatewayDefinition[],
  versioning: VersioningOptions | undefined,
): readonly Placement[] {
  const placements = new Map<string, Placement & { gateways: GatewayDefinition[] }>();
  for (const definition of definitions) {
    const { path, options, metatype } = definition;
    const port = readPort(definition);
    for (const version of servedVersions(options.version, versioning, metatype.name)) {
      const key = `${port ?? ''} ${version.segment} ${path}`;
      const placement = placements.get(key) ?? { port, path, version, gateways: [] };
      placement.gateways.push(definition);
      placements.set(key, placement);
    }
  }
  return [...placements.values()];
}

const MAX_PORT = 65_535;

function readPort({ options, metatype }: GatewayDefinition): number | undefined {
  const port = typeof options.port === 'function' ? options.port() : options.port;
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= MAX_PORT)) return port;
  throw new InvalidGatewayError(`${metatype.name}: port must be an integer up to ${MAX_PORT}, not ${port}`);
}
