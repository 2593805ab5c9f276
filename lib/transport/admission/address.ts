/** IP addresses as text, each written in one way. */
import { SocketAddress, isIP, isIPv4 } from 'node:net';

const MAPPED = '::ffff:';
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * The usual form of an address: IPv4 that a dual-stack socket shows as `::ffff:192.0.2.1` as IPv4, IPv6
 * shortened, in small letters and without a zone.
 * @returns undefined for what is no address
 */
export function usualAddress(text: string): string | undefined {
  if (isIP(text) === 0) return undefined;
  if (isIPv4(text)) return text;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const inner = address.slice(MAPPED.length);
  return address.startsWith(MAPPED) && isIPv4(inner) ? inner : address;
}

/**
 * What counts as one client: an IPv4 address, or the /64 network of an IPv6 address. Networks are given out
 * in no smaller parts, so each client has 2^64 addresses.
 * @param address in its usual form
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::');
  const before = groupsOf(left);
  const after = groupsOf(right ?? '');
  const zeros = new Array<string>(GROUPS - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':');
}

const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
