/** What a conformance suite runs against: an endpoint that echoes, playing one side of the protocol. */
import type { RawPeer } from '../support/raw-peer.js';

export interface Role {
  readonly underTest: 'server' | 'client';
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A new connection to an echoing endpoint, opening handshake done. */
  open(): Promise<RawPeer>;
}
