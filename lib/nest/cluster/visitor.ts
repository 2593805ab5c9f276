import { isIP } from 'node:net';
import { type Letter, readJsonBody } from './letter.js';

/** Stands for the application's, whichever that is: 0 is what a gateway may have asked for. */
export const APPLICATION_PORT = -1;

/** Whose connection it is that goes through a tunnel. */
export interface Visitor {
  /** The address that the connection comes from, which may be a proxy's; empty for none. */
  readonly remoteAddress: string;
  readonly isEncrypted: boolean;
  /** Of the gateway, if it has one of its own; else `APPLICATION_PORT`. */
  readonly port: number;
}

export function writeVisitor({ remoteAddress, isEncrypted, port }: Visitor): Buffer {
  return Buffer.from(JSON.stringify({ remoteAddress, isEncrypted, port }));
}

/** @returns undefined for what is none */
export function readVisitor(letter: Letter): Visitor | undefined {
  const { remoteAddress, isEncrypted, port } = readJsonBody(letter) ?? {};
  if (typeof remoteAddress !== 'string' || (remoteAddress !== '' && isIP(remoteAddress) === 0))
    return undefined;
  if (typeof isEncrypted !== 'boolean' || !Number.isSafeInteger(port)) return undefined;
  return { remoteAddress, isEncrypted, port: port as number };
}
