import type { TransportKind } from './transport/transport.js';

/** What a client is doing. */
export type Status =
  /** @property attempt counts from 1, and from 1 again after success */
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open'; readonly transport: TransportKind }
  /** The connection is lost; the next attempt is at `retryAt`, in milliseconds since 1970. */
  | { readonly state: 'waiting'; readonly code: number; readonly reason: string; readonly retryAt: number }
  /** For good: closed by the application, or by a server that does not want this client back. */
  | { readonly state: 'closed'; readonly code: number; readonly reason: string };
