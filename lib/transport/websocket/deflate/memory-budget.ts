/** What the compression windows of all connections in this process take together. */
import type { DeflateParameters } from '../../../protocol/websocket/index.js';

let reservedBytes = 0;

export function reserveMemory(bytes: number): void {
  reservedBytes += bytes;
}

export function releaseMemory(bytes: number): void {
  reservedBytes -= bytes;
}

export const isWithinBudget = (bytes: number, budgetBytes: number): boolean =>
  reservedBytes + bytes <= budgetBytes;

/** For tests and metrics. */
export const reservedDeflateMemory = (): number => reservedBytes;

/**
 * What zlib allocates for the windows that a server keeps for one connection (zconf.h): for compressing
 * (1 << (bits + 2)) + (1 << (memLevel + 9)), for inflating (1 << bits) and about 7 KiB.
 */
export function windowMemory(agreed: DeflateParameters, memLevel: number): number {
  const deflate = agreed.serverNoContextTakeover
    ? 0
    : 2 ** (agreed.serverMaxWindowBits + 2) + 2 ** (memLevel + 9);
  const inflate = agreed.clientNoContextTakeover ? 0 : 2 ** agreed.clientMaxWindowBits + 7 * 1024;
  return deflate + inflate;
}
