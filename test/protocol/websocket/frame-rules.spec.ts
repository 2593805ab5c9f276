import { describe, expect, it } from '@jest/globals';
import {
  type Role,
  checkFirstByte,
  checkLength,
  checkSecondByte,
} from '../../../lib/protocol/websocket/frame-rules.js';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from './frames.js';

const FIN = 0x80;
const ALL_RSV = 0x70;
const CONTROL = [CLOSE, PING, PONG];

const violation = (code: string, closeCode = 1002) => expect.objectContaining({ code, closeCode });
const first =
  (byte: number, { claimedRsv = 0, inMessage = false } = {}) =>
  (): void =>
    checkFirstByte(byte, claimedRsv, inMessage);

describe('the opcode of a frame', () => {
  it.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])('%d is reserved (RFC 6455 §5.2)', (opcode) => {
    for (const inMessage of [false, true]) {
      for (const fin of [0, FIN]) {
        expect(first(fin | opcode, { inMessage })).toThrow(violation('WS_ERR_INVALID_OPCODE'));
        expect(first(fin | opcode, { inMessage })).toThrow(`opcode ${opcode} is reserved`);
      }
    }
  });

  it.each([TEXT, BINARY])('%d begins a message, and only outside of another (RFC 6455 §5.4)', (opcode) => {
    for (const fin of [0, FIN]) {
      expect(first(fin | opcode)).not.toThrow();
      expect(first(fin | opcode, { inMessage: true })).toThrow(violation('WS_ERR_INVALID_OPCODE'));
      expect(first(fin | opcode, { inMessage: true })).toThrow(
        `opcode ${opcode} inside a fragmented message`,
      );
    }
  });

  it('0 continues a message, and only there is one (RFC 6455 §5.4)', () => {
    for (const fin of [0, FIN]) {
      expect(first(fin | CONTINUATION, { inMessage: true })).not.toThrow();
      expect(first(fin | CONTINUATION)).toThrow(violation('WS_ERR_INVALID_OPCODE'));
      expect(first(fin | CONTINUATION)).toThrow('continuation frame without a message to continue');
    }
  });

  it.each(CONTROL)('%d may come at any time, but in one frame (RFC 6455 §5.5)', (opcode) => {
    for (const inMessage of [false, true]) {
      expect(first(FIN | opcode, { inMessage })).not.toThrow();
      expect(first(opcode, { inMessage })).toThrow(violation('WS_ERR_EXPECTED_FIN'));
      expect(first(opcode, { inMessage })).toThrow(`control frame with opcode ${opcode} is fragmented`);
    }
  });
});

describe('the reserved bits of a frame (RFC 6455 §5.2)', () => {
  const combinations = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70];
  const codeFor = (bits: number): string =>
    bits & 0x40 ? 'WS_ERR_UNEXPECTED_RSV_1' : 'WS_ERR_UNEXPECTED_RSV_2_3';

  it.each(combinations)('%d must not be set where no extension claimed them', (bits) => {
    for (const opcode of [TEXT, BINARY, ...CONTROL]) {
      expect(first(FIN | bits | opcode)).toThrow(violation(codeFor(bits)));
    }
  });

  it.each(combinations)('%d may be set on the first frame of a message where all are claimed', (bits) => {
    for (const opcode of [TEXT, BINARY]) {
      expect(first(bits | opcode, { claimedRsv: ALL_RSV })).not.toThrow();
    }
  });

  it('are allowed one by one', () => {
    expect(first(FIN | 0x40 | TEXT, { claimedRsv: 0x40 })).not.toThrow();
    expect(first(FIN | 0x60 | TEXT, { claimedRsv: 0x40 })).toThrow(violation('WS_ERR_UNEXPECTED_RSV_2_3'));
    expect(first(FIN | 0x60 | TEXT, { claimedRsv: 0x20 })).toThrow(violation('WS_ERR_UNEXPECTED_RSV_1'));
    expect(first(FIN | 0x10 | TEXT, { claimedRsv: 0x20 })).toThrow(violation('WS_ERR_UNEXPECTED_RSV_2_3'));
  });

  it.each(combinations)('%d never belong to a continuation or control frame (RFC 7692 §6.1)', (bits) => {
    const claimed = { claimedRsv: ALL_RSV, inMessage: true };
    for (const opcode of [CONTINUATION, ...CONTROL]) {
      expect(first(FIN | bits | opcode, claimed)).toThrow(violation(codeFor(bits)));
    }
  });
});

describe('the order of rules', () => {
  it('is opcode, fragmented control frame, reserved bits', () => {
    expect(first(ALL_RSV | 0xf)).toThrow(violation('WS_ERR_INVALID_OPCODE'));
    expect(first(ALL_RSV | PING)).toThrow(violation('WS_ERR_EXPECTED_FIN'));
  });
});

describe('the mask bit (RFC 6455 §5.1)', () => {
  const second =
    (byte: number, role: Role, opcode = TEXT) =>
    (): void =>
      checkSecondByte(FIN | opcode, byte, role);

  it('must be set on what a server receives', () => {
    expect(second(0x85, 'server')).not.toThrow();
    expect(second(0x05, 'server')).toThrow(violation('WS_ERR_EXPECTED_MASK'));
  });

  it('must not be set on what a client receives', () => {
    expect(second(0x05, 'client')).not.toThrow();
    expect(second(0x85, 'client')).toThrow(violation('WS_ERR_UNEXPECTED_MASK'));
  });

  it('is demanded of control frames too', () => {
    for (const opcode of CONTROL) {
      expect(second(0x00, 'server', opcode)).toThrow(violation('WS_ERR_EXPECTED_MASK'));
      expect(second(0x80, 'client', opcode)).toThrow(violation('WS_ERR_UNEXPECTED_MASK'));
    }
  });

  it.each([126, 127])('stands beside a length that must not be %d in a control frame (§5.5)', (length) => {
    for (const opcode of CONTROL) {
      expect(second(0x80 | 125, 'server', opcode)).not.toThrow();
      expect(second(0x80 | length, 'server', opcode)).toThrow(
        violation('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'),
      );
      expect(second(length, 'client', opcode)).toThrow(
        `control frame length ${length} exceeds the limit of 125`,
      );
    }
    expect(second(0x80 | length, 'server', BINARY)).not.toThrow();
  });
});

describe('the length of a frame', () => {
  const check = (length: number, received: number, limit: number) => (): void =>
    checkLength(length, received, limit);

  it('may be up to the limit, whatever came before included', () => {
    expect(check(0, 0, 0)).not.toThrow();
    expect(check(10, 0, 10)).not.toThrow();
    expect(check(4, 6, 10)).not.toThrow();
    expect(check(0, 10, 10)).not.toThrow();
  });

  it('beyond the limit names the frame, or the message when it adds up', () => {
    expect(check(1025, 0, 1024)).toThrow(violation('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009));
    expect(check(1025, 0, 1024)).toThrow('frame of 1025 bytes exceeds the limit of 1024');
    expect(check(5, 6, 10)).toThrow(violation('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009));
    expect(check(5, 6, 10)).toThrow('message of 11 bytes exceeds the limit of 10');
  });

  it('that no number holds exactly is beyond every limit', () => {
    expect(check(Infinity, 0, Number.MAX_SAFE_INTEGER)).toThrow(
      violation('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009),
    );
  });

  it('is a violation when not encoded in the fewest bytes (RFC 6455 §5.2)', () => {
    expect(check(-1, 0, 1024)).toThrow(violation('WS_ERR_INVALID_LENGTH_ENCODING'));
  });

  it('is a violation when its most significant bit is set (RFC 6455 §5.2)', () => {
    expect(check(NaN, 0, 1024)).toThrow(violation('WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'));
  });
});
