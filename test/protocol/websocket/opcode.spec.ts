import { describe, expect, it } from '@jest/globals';
import {
  MAX_CONTROL_PAYLOAD,
  Opcode,
  RSV1,
  RSV2,
  RSV3,
  isControl,
} from '../../../lib/protocol/websocket/opcode.js';

describe('opcodes (RFC 6455 §11.8)', () => {
  it('have their registered values', () => {
    expect(Opcode).toEqual({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });
  });

  it('are those of control frames from 8 on', () => {
    const control = Array.from({ length: 16 }, (_, opcode) => opcode).filter(isControl);
    expect(control).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('leave the bits 4 to 6 of the first byte to extensions', () => {
    expect([RSV1, RSV2, RSV3]).toEqual([0b0100_0000, 0b0010_0000, 0b0001_0000]);
  });

  it('allow a control frame 125 bytes (RFC 6455 §5.5)', () => {
    expect(MAX_CONTROL_PAYLOAD).toBe(125);
  });
});
