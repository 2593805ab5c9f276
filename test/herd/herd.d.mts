import type { TransportKind } from '../../lib/client/transport/transport.js';

export interface HerdAccount {
  readonly delivered: number;
  readonly doubled: number;
  readonly lost: number;
  /** How often something was told to be missing, and how much. */
  readonly gaps: number;
  readonly told: number;
  readonly connections: number;
  readonly sessions: number;
}

export function runHerd(given: Readonly<Record<string, unknown>>): Promise<{
  readonly published: number;
  readonly accounts: Readonly<Record<TransportKind, HerdAccount>>;
}>;
