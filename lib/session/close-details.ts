/** How a session ended. */
export interface CloseDetails {
  /** The close code: the client's, or ours; 1005 when the client gave none, 1006 when the connection broke off. */
  readonly code: number;
  readonly reason: string;
  /** Whether both sides finished the closing handshake. */
  readonly clean: boolean;
}

/** Close codes of the library's own (4000-4999 are free for applications, RFC 6455 §7.4.2). */
export const SessionCloseCode = {
  badProtocol: 4400,
  expired: 4401,
  forbidden: 4403,
  timedOut: 4408,
  replaced: 4409,
  tooSlow: 4413,
  tooMany: 4429,
} as const;
