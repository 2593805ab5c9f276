import { describe } from '@jest/globals';
import { close, continuation, frame, ping, pong, text } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

const binaryPayload = Buffer.from('00fffe7f80', 'hex');
const longest = Buffer.alloc(125, 0xfe);

export function controlFramesSuite(role: Role): void {
  describe('RFC 6455 §5.5.2 and §5.5.3, ping and pong', () => {
    exchange(role, 'an empty ping gets an empty pong', { send: [ping()], receive: [pong()] });
    exchange(role, 'a pong carries the payload of its ping', {
      send: [ping('Hello, world!')],
      receive: [pong('Hello, world!')],
    });
    exchange(role, 'the payload of a ping need not be text', {
      send: [ping(binaryPayload)],
      receive: [pong(binaryPayload)],
    });
    exchange(role, 'a ping of 125 bytes is answered', { send: [ping(longest)], receive: [pong(longest)] });
    exchange(role, 'an unasked pong is ignored', { send: [pong()] });
    exchange(role, 'an unasked pong with payload is ignored', { send: [pong('unsolicited')] });
    exchange(role, 'an unasked pong does not stand in the way of a ping', {
      send: [pong('unsolicited'), ping('real')],
      receive: [pong('real')],
    });
    const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
    exchange(role, 'ten pings get ten pongs in order', {
      send: ten.map((payload) => ping(payload)),
      receive: ten.map((payload) => pong(payload)),
    });
    exchange(role, 'a ping behind another message is answered too', {
      send: [ping('1'), text('a')],
      receive: [pong('1'), text('a')],
    });
  });

  describe('RFC 6455 §5.5, control frames are short and whole', () => {
    for (const opcode of [8, 9, 10]) {
      exchange(role, `opcode ${opcode} with 126 bytes fails`, {
        send: [frame(opcode, Buffer.alloc(126, 0x03))],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} with 65536 bytes fails`, {
        send: [frame(opcode, Buffer.alloc(65_536, 0x03))],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} with a short payload and a long length field fails`, {
        send: [frame(opcode, Buffer.from([3, 232]), { lengthBits: 16 })],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} in two fragments fails`, {
        send: [frame(opcode, Buffer.from([3, 232]), { fin: false }), continuation('x')],
        failsWith: 1002,
      });
      exchange(role, `opcode ${opcode} without FIN fails inside a fragmented message`, {
        send: [text('a', { fin: false }), frame(opcode, '', { fin: false })],
        failsWith: 1002,
      });
    }
    // §5.2 and §5.5: the second byte alone proves it, so nothing has to wait for the payload.
    exchange(role, 'a ping that declares 126 bytes fails at its header', {
      send: [ping('', { declaredLength: 126, lengthBits: 16 })],
      failsWith: 1002,
    });
    exchange(role, 'a close that declares 126 bytes fails at its header', {
      send: [close(undefined, '', { declaredLength: 126, lengthBits: 16 })],
      failsWith: 1002,
    });
  });
}
