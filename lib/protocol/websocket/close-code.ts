/** Close codes, RFC 6455 §7.4.1 and the IANA registry it opened. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  /** Never on the wire: the peer's close frame had no code. */
  noStatus: 1005,
  /** Never on the wire: the connection ended without a close frame. */
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

/**
 * Whether a code may stand in a close frame. RFC 6455 §7.4: 1004 is reserved, 1005, 1006 and 1015 are
 * for local use only, 1016-2999 are not assigned, 3000-4999 belong to libraries and applications.
 */
export function isCloseCodeOnWire(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && !isLocalOnly(code));
}

function isLocalOnly(code: number): boolean {
  return code === 1004 || code === CloseCode.noStatus || code === CloseCode.abnormal;
}
