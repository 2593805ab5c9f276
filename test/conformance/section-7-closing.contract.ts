import { describe } from '@jest/globals';
import { inOnePiece } from '../support/raw-peer-delivery.js';
import { binary, close, continuation, ping, pong, text } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

/** §7.4: what may stand in a close frame. 1012 to 1014 are registered since. */
const legalCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
/** §7.4.1 and §7.4.2: never on the wire, not assigned, or out of range. */
const illegalCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 32_768, 65_535];

export function closingSuite(role: Role): void {
  describe('RFC 6455 §5.5.1 and §7.4, the close frame', () => {
    exchange(role, 'a close without payload is answered without payload', {
      send: [close()],
      closesWith: 'none',
    });
    exchange(role, 'a payload of one byte fails', { send: [close(undefined, 'a')], failsWith: 1002 });
    for (const code of legalCodes) {
      exchange(role, `code ${code} is answered with itself`, { send: [close(code)], closesWith: code });
      exchange(role, `code ${code} with a reason is answered with itself`, {
        send: [close(code, 'a reason: ß €')],
        closesWith: code,
      });
    }
    for (const code of illegalCodes) {
      exchange(role, `code ${code} fails`, { send: [close(code)], failsWith: 1002 });
      exchange(role, `code ${code} with a reason fails`, { send: [close(code, 'reason')], failsWith: 1002 });
    }
    exchange(role, 'a reason of 123 bytes is legal', {
      send: [close(1000, '*'.repeat(123))],
      closesWith: 1000,
    });
    exchange(role, 'a reason of 124 bytes fails', {
      send: [close(1000, '*'.repeat(124))],
      failsWith: 1002,
    });
    for (const bytes of [
      'ff',
      'c080',
      'eda080',
      'f4908080',
      'cebae1',
      'cebae1bdb9cf83cebcceb5eda080656469746564',
    ]) {
      exchange(role, `a reason of the bytes ${bytes} fails`, {
        send: [close(1000, Buffer.from(bytes, 'hex'))],
        failsWith: 1007,
      });
    }
  });

  describe('RFC 6455 §7.1, after the close frame', () => {
    const hello = text('Hello');
    exchange(role, 'a message before the close is still answered', {
      send: [hello, close(1000)],
      receive: [hello],
      closesWith: 1000,
    });
    exchange(role, 'a second close is ignored', { send: [close(1000), close(1001)], closesWith: 1000 });
    exchange(role, 'a ping after the close gets no pong', {
      send: [close(1000), ping('late')],
      closesWith: 1000,
    });
    exchange(role, 'a message after the close is not delivered', {
      send: [close(1000), hello],
      closesWith: 1000,
    });
    exchange(role, 'a broken frame after the close changes nothing', {
      send: [close(1000), text('x', { rsv: 7 })],
      closesWith: 1000,
    });
    exchange(role, 'the rest of a message after the close is not delivered', {
      send: [text('fragment1', { fin: false }), close(1000), continuation('fragment2')],
      closesWith: 1000,
    });
    const large = binary(Buffer.alloc(256 * 1024, 0x2a));
    exchange(role, 'a large message before the close comes back whole', {
      send: [large, close(1000), ping()],
      receive: [large],
      closesWith: 1000,
      deliveries: [inOnePiece],
    });
    exchange(role, 'a ping before the close is answered first', {
      send: [ping('x'), close(1001)],
      receive: [pong('x')],
      closesWith: 1001,
    });
  });
}
