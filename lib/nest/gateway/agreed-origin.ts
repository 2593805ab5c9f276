/** Gateways on one path share their connections, and so the question who may connect. */
import type { OriginPolicy } from '../../transport/websocket/index.js';
import { InvalidGatewayError } from './errors.js';

/**
 * The policy of those that have one.
 * @throws InvalidGatewayError when they are different: taking one would let in whom the other refuses
 */
export function agreedOrigin(
  path: string,
  gateways: readonly { readonly origin?: OriginPolicy }[],
): OriginPolicy | undefined {
  const [first, ...others] = gateways.map(({ origin }) => origin).filter((origin) => origin !== undefined);
  if (first === undefined || others.every((other) => isSame(first, other))) return first;
  throw new InvalidGatewayError(`gateways on ${path} have different origins: they share their connections`);
}

function isSame(a: OriginPolicy, b: OriginPolicy): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, i) => String(item) === String(b[i]));
}
