import { describe, expect, it } from '@jest/globals';
import { NestwireError } from '../../../../lib/errors/index.js';
import { HandshakeError } from '../../../../lib/protocol/websocket/handshake/handshake-error.js';

describe('a refused opening handshake', () => {
  it('is a NestwireError with the status, body and headers of its answer', () => {
    const error = new HandshakeError(426, 'version 13', { 'Sec-WebSocket-Version': '13' });
    expect(error).toBeInstanceOf(NestwireError);
    expect(error).toMatchObject({
      name: 'HandshakeError',
      code: 'HANDSHAKE_REFUSED',
      status: 426,
      message: 'version 13',
      headers: { 'Sec-WebSocket-Version': '13' },
    });
  });

  it('has no further headers unless some are given', () => {
    expect(new HandshakeError(403, 'no').headers).toEqual({});
  });
});
