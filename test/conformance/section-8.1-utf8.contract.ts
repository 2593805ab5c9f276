import { describe } from '@jest/globals';
import { binary, continuation, inFragmentsOf, ping, pong, text } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';
import { brokenPrefixes, invalidSequences, validSequences } from './utf8-sequences.js';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

export function utf8Suite(role: Role): void {
  describe('RFC 6455 §8.1, valid UTF-8', () => {
    for (const { group, hex } of validSequences) {
      for (const one of hex) {
        const whole = text(bytes(one));
        exchange(role, `${group}: ${one} comes back`, { send: [whole], receive: [whole] });
        exchange(role, `${group}: ${one} in fragments of one byte comes back`, {
          send: inFragmentsOf(1, whole),
          receive: [whole],
        });
      }
    }

    const mixed = text('Hello-µ@ßöäüàá-UTF-8!! κόσμε 😀');
    for (const size of [2, 3, 5, 7]) {
      exchange(role, `fragments of ${size} bytes cut characters and come back`, {
        send: inFragmentsOf(size, mixed),
        receive: [mixed],
      });
    }
    exchange(role, 'a ping between the bytes of one character is answered', {
      send: [text(bytes('f09f'), { fin: false }), ping('between'), continuation(bytes('9880'))],
      receive: [pong('between'), text('😀')],
    });
    exchange(role, 'a binary message may hold anything', {
      send: [binary(bytes('c080edbfbffeff'))],
      receive: [binary(bytes('c080edbfbffeff'))],
    });
  });

  describe('RFC 6455 §8.1, invalid UTF-8', () => {
    for (const { group, hex } of invalidSequences) {
      for (const one of hex) {
        const whole = text(bytes(one));
        exchange(role, `${group}: ${one} fails`, { send: [whole], failsWith: 1007 });
        exchange(role, `${group}: ${one} in fragments of one byte fails`, {
          send: inFragmentsOf(1, whole),
          failsWith: 1007,
        });
      }
    }

    const kosme = Buffer.from('κόσμε');
    for (const cut of [1, 3, 4, 6, 8, 10].filter((at) => kosme[at]! >> 6 === 2)) {
      exchange(role, `a character cut off by FIN after ${cut} bytes fails`, {
        send: [text(kosme.subarray(0, cut))],
        failsWith: 1007,
      });
      exchange(role, `a character cut off by an empty last fragment after ${cut} bytes fails`, {
        send: [text(kosme.subarray(0, cut), { fin: false }), continuation('')],
        failsWith: 1007,
      });
    }
    exchange(role, 'a cut character is not mended by the next message', {
      send: [text(bytes('f09f')), text(bytes('9880'))],
      failsWith: 1007,
    });
    exchange(role, 'a good message before a bad one is answered', {
      send: [text('good'), text(bytes('ff')), text('never')],
      receive: [text('good')],
      failsWith: 1007,
    });
  });

  // The connection fails at the byte that breaks it: the rest of the message never comes.
  describe('RFC 6455 §8.1, invalid UTF-8 fails fast', () => {
    for (const prefix of brokenPrefixes) {
      exchange(role, `${prefix} fails inside the first fragment`, {
        send: [text(bytes(prefix), { fin: false })],
        failsWith: 1007,
      });
      exchange(role, `${prefix} fails inside a frame of which more is to come`, {
        send: [text(bytes(prefix), { declaredLength: 4_096, lengthBits: 16 })],
        failsWith: 1007,
      });
      exchange(role, `${prefix} fails in a later fragment`, {
        send: [
          text('κόσμε', { fin: false }),
          continuation('', { fin: false }),
          continuation(bytes(prefix), { fin: false }),
        ],
        failsWith: 1007,
      });
      const last = bytes(prefix).length - 1;
      if (last === 0) continue;
      exchange(role, `${prefix} fails when its last byte begins a fragment`, {
        send: [
          text(bytes(prefix).subarray(0, last), { fin: false }),
          continuation(bytes(prefix).subarray(last), { fin: false }),
        ],
        failsWith: 1007,
      });
    }
    exchange(role, 'a bad byte behind 64 KiB of good text fails before the message is over', {
      send: [
        text(Buffer.concat([Buffer.alloc(65_536, 0x61), bytes('ff')]), {
          declaredLength: 200_000,
          lengthBits: 64,
        }),
      ],
      failsWith: 1007,
    });
  });
}
