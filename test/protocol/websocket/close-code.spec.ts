import { describe, expect, it } from '@jest/globals';
import { CloseCode, isCloseCodeOnWire } from '../../../lib/protocol/websocket/close-code.js';

describe('a close code (RFC 6455 §7.4)', () => {
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it('may stand in a close frame if it is registered for that, a library’s or an application’s', () => {
    const allowed = range(0, 65_535).filter(isCloseCodeOnWire);
    expect(allowed).toEqual([...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)]);
  });

  it('has a name for all those that the RFC and the registry define', () => {
    expect(CloseCode).toEqual({
      normal: 1000,
      goingAway: 1001,
      protocolError: 1002,
      unsupportedData: 1003,
      noStatus: 1005,
      abnormal: 1006,
      invalidPayload: 1007,
      policyViolation: 1008,
      messageTooBig: 1009,
      mandatoryExtension: 1010,
      internalError: 1011,
      serviceRestart: 1012,
      tryAgainLater: 1013,
    });
  });
});
