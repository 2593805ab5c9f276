/** URI versioning: a gateway of version 1 is reached at `/v1/chat`, as a controller's routes would be. */
import { type RequestMethod, VERSION_NEUTRAL, type VersioningOptions, VersioningType } from '@nestjs/common';
import { InvalidGatewayError } from './errors.js';

export type GatewayVersion = string | typeof VERSION_NEUTRAL;

/** One of the versions that a gateway is served as. */
export interface ServedVersion {
  /** Undefined: none, and nothing in the path. */
  readonly version: string | undefined;
  /** What it adds before the gateway's path: `/v1`. */
  readonly segment: string;
}

const NO_VERSION: ServedVersion = { version: undefined, segment: '' };

/**
 * @param given of the gateway; undefined for the application's default, as with controllers
 * @param versioning as enabled by the application
 * @throws InvalidGatewayError for a version when the application does not version its URIs. Headers cannot
 * tell versions apart here: browsers set none on a WebSocket handshake
 */
export function servedVersions(
  given: GatewayVersion | readonly GatewayVersion[] | undefined,
  versioning: VersioningOptions | undefined,
  name: string,
): readonly ServedVersion[] {
  if (versioning?.type !== VersioningType.URI) {
    if (given === undefined || given === VERSION_NEUTRAL) return [NO_VERSION];
    throw new InvalidGatewayError(
      `${name} has a version, which needs app.enableVersioning({ type: VersioningType.URI })`,
    );
  }
  const { prefix = 'v', defaultVersion = VERSION_NEUTRAL } = versioning;
  const versions: readonly GatewayVersion[] = asList(given ?? defaultVersion);
  return versions.map((version) =>
    version === VERSION_NEUTRAL ? NO_VERSION : { version, segment: `/${prefix || ''}${version}` },
  );
}

/** What a middleware is mounted on. */
export function routeOf(
  path: string,
  method: RequestMethod,
  { version }: ServedVersion,
): { path: string; method: RequestMethod; version?: string } {
  return version === undefined ? { path, method } : { path, method, version };
}

function asList(versions: GatewayVersion | readonly GatewayVersion[]): readonly GatewayVersion[] {
  return typeof versions === 'object' ? versions : [versions];
}
