import { describe, expect, it } from '@jest/globals';
import { NestwireError } from '../../../lib/errors/index.js';
import {
  WebSocketError,
  invalidUtf8,
  protocolError,
  tooBig,
} from '../../../lib/protocol/websocket/websocket-error.js';

describe('a violation of the protocol', () => {
  it('is a NestwireError that knows its code and the close code it leads to', () => {
    const error = new WebSocketError('WS_ERR_OUTBOUND_LIMIT', 1008, '3 unsent bytes exceed the limit of 2');
    expect(error).toBeInstanceOf(NestwireError);
    expect(error).toMatchObject({
      name: 'WebSocketError',
      code: 'WS_ERR_OUTBOUND_LIMIT',
      closeCode: 1008,
      message: '3 unsent bytes exceed the limit of 2',
    });
  });

  it('closes with the code of its kind (RFC 6455 §7.4.1)', () => {
    expect(protocolError('WS_ERR_INVALID_OPCODE', 'm')).toMatchObject({ closeCode: 1002, message: 'm' });
    expect(tooBig('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'm')).toMatchObject({ closeCode: 1009, message: 'm' });
    expect(invalidUtf8('text message')).toMatchObject({
      code: 'WS_ERR_INVALID_UTF8',
      closeCode: 1007,
      message: 'text message is not valid UTF-8',
    });
  });
});
