import type { GatewayDefinition } from './gateway-definition.js';

/** Gateways that share one address. */
export interface GatewayAddress {
  /** Prefix, version and path, with parameters as in `/rooms/{room}`. */
  readonly address: string;
  readonly gateways: readonly GatewayDefinition[];
}
