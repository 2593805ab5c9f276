/**
 * Who a request comes from when proxies stand in between. What `X-Forwarded-For` says is only as good as
 * who wrote it: each proxy appends the address that it was asked from, so the list is read from its right
 * end, for as long as the writer is trusted. Whatever a client put there itself stands further left.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { usualAddress } from './address.js';

/** Sockets of this kind have no address: whoever can open one is on this machine. */
const UNIX = 'unix';

export class TrustedProxies {
  private readonly list = new BlockList();
  private readonly trustsUnix: boolean;

  /**
   * @param entries addresses (`192.0.2.1`), networks (`10.0.0.0/8`, `2001:db8::/32`), and `unix` for UNIX sockets
   * @throws RangeError for anything else
   */
  constructor(entries: readonly string[] = []) {
    this.trustsUnix = entries.includes(UNIX);
    for (const entry of entries) if (entry !== UNIX) this.add(entry);
  }

  private add(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined || /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    try {
      if (rest.length > 0) throw new RangeError('one / too many');
      if (prefix === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, bits, family);
    } catch (cause) {
      const known = 'an address, a network such as 10.0.0.0/8, or unix';
      throw new RangeError(`trusted proxy ${JSON.stringify(entry)} is not ${known}`, { cause });
    }
  }

  /** The client's address in its usual form; empty for a UNIX socket whose other side does not say. */
  addressOf(request: IncomingMessage): string {
    let address = peerOf(request);
    const hops = this.trusts(address) ? forwarded(request, 'x-forwarded-for') : [];
    while (hops.length > 0 && this.trusts(address)) {
      const next = hopAddress(hops.pop()!);
      // a proxy that hides whom it serves, or says nonsense, stands for its clients
      if (next === undefined) break;
      address = next;
    }
    return address;
  }

  /** `X-Forwarded-Host` of a trusted proxy: the host that its client asked for. */
  hostOf(request: IncomingMessage): string | undefined {
    if (!this.trusts(peerOf(request))) return undefined;
    return forwarded(request, 'x-forwarded-host').at(-1);
  }

  private trusts(address: string): boolean {
    if (address === '') return this.trustsUnix;
    return this.list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

const peerOf = ({ socket }: IncomingMessage): string => usualAddress(socket.remoteAddress ?? '') ?? '';

/** The items of a list header; repeated headers are one list. */
function forwarded(request: IncomingMessage, name: string): string[] {
  // HTTP/2 has them joined already
  const lines = (request.headersDistinct as typeof request.headersDistinct | undefined)?.[name];
  const items = [lines ?? request.headers[name] ?? []].flat().join(',').split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** An address as proxies write it: bare, with a port, in brackets. */
function hopAddress(text: string): string | undefined {
  const inner = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1];
  return usualAddress(inner ?? text);
}
