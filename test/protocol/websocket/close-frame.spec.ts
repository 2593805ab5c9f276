import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCloseCodeOnWire } from '../../../lib/protocol/websocket/close-code.js';
import {
  checkCloseStatus,
  fitReason,
  readClosePayload,
  writeClosePayload,
} from '../../../lib/protocol/websocket/close-frame.js';
import { seed } from '../../support/seed.js';
import { closePayload } from './frames.js';

describe('reading the payload of a close frame (RFC 6455 §5.5.1)', () => {
  it('gives 1005 when there is none', () => {
    expect(readClosePayload(Buffer.alloc(0))).toEqual({ code: 1005, reason: '' });
  });

  it('gives the code and the reason', () => {
    expect(readClosePayload(closePayload(1001, 'über'))).toEqual({ code: 1001, reason: 'über' });
    expect(readClosePayload(closePayload(4999))).toEqual({ code: 4999, reason: '' });
  });

  it('refuses half a code', () => {
    expect(() => readClosePayload(Buffer.of(3))).toThrow(
      expect.objectContaining({ code: 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', closeCode: 1002 }),
    );
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])('refuses the code %d', (code) => {
    expect(() => readClosePayload(closePayload(code, 'why'))).toThrow(
      expect.objectContaining({
        code: 'WS_ERR_INVALID_CLOSE_CODE',
        closeCode: 1002,
        message: `close code ${code} must not be sent`,
      }),
    );
  });

  it.each([
    ['no UTF-8', Buffer.of(0xff)],
    ['a code point cut short', Buffer.of(0x61, 0xe2, 0x82)],
    ['a surrogate', Buffer.of(0xed, 0xa0, 0x80)],
  ])('refuses a reason that is %s, with 1007', (_what, reason) => {
    expect(() => readClosePayload(closePayload(1000, reason))).toThrow(
      expect.objectContaining({ code: 'WS_ERR_INVALID_UTF8', closeCode: 1007 }),
    );
  });

  it('checks the code before the reason', () => {
    expect(() => readClosePayload(closePayload(1005, Buffer.of(0xff)))).toThrow(
      expect.objectContaining({ closeCode: 1002 }),
    );
  });
});

describe('checking a close status', () => {
  it('lets through what may be sent', () => {
    expect(() => checkCloseStatus(undefined)).not.toThrow();
    expect(() => checkCloseStatus(1000)).not.toThrow();
    expect(() => checkCloseStatus(4000, 'r'.repeat(123))).not.toThrow();
  });

  it('refuses the rest, also a reason that has no code to go with', () => {
    expect(() => checkCloseStatus(1006)).toThrow(RangeError);
    expect(() => checkCloseStatus(undefined, 'r'.repeat(124))).toThrow(RangeError);
  });
});

describe('writing the payload of a close frame', () => {
  it('makes nothing without a code, which leaves no room for a reason', () => {
    expect(writeClosePayload(undefined, 'dropped')).toHaveLength(0);
  });

  it('writes code and reason', () => {
    expect(writeClosePayload(3001, 'né')).toEqual(Buffer.from('0bb96ec3a9', 'hex'));
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN, -1])('refuses the code %d', (code) => {
    expect(() => writeClosePayload(code, '')).toThrow(
      new RangeError(`close code ${code} must not be sent: 1000-1003, 1007-1014 or 3000-4999`),
    );
  });

  it('counts the reason in bytes', () => {
    expect(writeClosePayload(1000, 'é'.repeat(61))).toHaveLength(124);
    expect(writeClosePayload(1000, 'e'.repeat(123))).toHaveLength(125);
    expect(() => writeClosePayload(1000, 'é'.repeat(62))).toThrow(
      new RangeError('close reason of 124 bytes exceeds the limit of 123'),
    );
  });

  it(`writes what reading gives back (TEST_SEED=${seed})`, () => {
    const code = fc.integer({ min: 1000, max: 4999 }).filter(isCloseCodeOnWire);
    const reason = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .filter((text) => Buffer.byteLength(text) <= 123);
    fc.assert(
      fc.property(code, reason, (c, r) => {
        expect(readClosePayload(writeClosePayload(c, r))).toEqual({ code: c, reason: r });
      }),
      { seed },
    );
  });
});

describe('fitting a reason', () => {
  it.each([
    ['', ''],
    ['short', 'short'],
    ['x'.repeat(200), 'x'.repeat(123)],
    ['é'.repeat(62), 'é'.repeat(61)],
    ['€'.repeat(42), '€'.repeat(41)],
    [`xx${'😀'.repeat(31)}`, `xx${'😀'.repeat(30)}`],
  ])('keeps whole code points of %j', (text, expected) => {
    expect(fitReason(text)).toBe(expected);
    expect(Buffer.byteLength(fitReason(text))).toBeLessThanOrEqual(123);
  });
});
