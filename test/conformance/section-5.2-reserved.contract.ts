import { describe } from '@jest/globals';
import { binary, close, frame, ping, pong, text } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

const hello = text('Hello, world!');

export function reservedSuite(role: Role): void {
  describe('RFC 6455 §5.2, reserved bits without an extension', () => {
    for (let rsv = 1; rsv <= 7; rsv++) {
      exchange(role, `RSV ${rsv} on a text message fails`, {
        send: [text('Hello', { rsv })],
        failsWith: 1002,
      });
      exchange(role, `RSV ${rsv} on an empty binary message fails`, {
        send: [binary('', { rsv })],
        failsWith: 1002,
      });
      exchange(role, `RSV ${rsv} on the first fragment fails`, {
        send: [text('Hel', { rsv, fin: false })],
        failsWith: 1002,
      });
      exchange(role, `RSV ${rsv} on a ping fails`, { send: [ping('Hello', { rsv })], failsWith: 1002 });
      exchange(role, `RSV ${rsv} on a pong fails`, { send: [pong('Hello', { rsv })], failsWith: 1002 });
      exchange(role, `RSV ${rsv} on a close fails`, { send: [close(1000, '', { rsv })], failsWith: 1002 });
      exchange(role, `RSV ${rsv} on a continuation fails`, {
        send: [text('Hel', { fin: false }), frame(0, 'lo', { rsv })],
        failsWith: 1002,
      });
      exchange(role, `what came before RSV ${rsv} is answered, what comes after is not`, {
        send: [hello, text('Hello', { rsv }), ping(), hello],
        receive: [hello],
        failsWith: 1002,
      });
    }
  });

  describe('RFC 6455 §5.2, reserved opcodes', () => {
    for (const opcode of [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
      exchange(role, `opcode ${opcode} without payload fails`, { send: [frame(opcode)], failsWith: 1002 });
      exchange(role, `opcode ${opcode} with payload fails`, {
        send: [frame(opcode, 'reserved opcode payload')],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} as a fragment fails`, {
        send: [frame(opcode, 'x', { fin: false })],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} inside a fragmented message fails`, {
        send: [text('Hel', { fin: false }), frame(opcode, 'x')],
        failsWith: 1002,
      });
      exchange(role, `what came before opcode ${opcode} is answered, what comes after is not`, {
        send: [hello, frame(opcode, 'x'), ping(), hello],
        receive: [hello],
        failsWith: 1002,
      });
    }
  });
}
