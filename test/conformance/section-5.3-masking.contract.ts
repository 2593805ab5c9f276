import { describe } from '@jest/globals';
import { binary, close, continuation, ping, text, type FrameSpec } from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

const keys = ['00000000', 'ffffffff', '00000001', '80000000', '37fa213d', '01020304'];
/** Word-wise unmasking has seams: every length and offset modulo a machine word has to come right. */
const lengths = [...Array(40).keys(), 63, 64, 65, 1_021, 1_022, 1_023, 1_024, 1_025];

export function maskingSuite(role: Role): void {
  if (role.underTest === 'server') serverSuite(role);
  else clientSuite(role);
}

function serverSuite(role: Role): void {
  describe('RFC 6455 §5.3, masks from the client', () => {
    for (const key of keys) {
      const sent = lengths.map((length) => binary(counting(length), { mask: Buffer.from(key, 'hex') }));
      exchange(role, `key ${key} unmasks payloads of all alignments`, { send: sent, receive: sent });
    }

    const changing = lengths.map((length, i) =>
      binary(counting(length), { mask: Buffer.from([i, 255 - i, 7, i * 3]) }),
    );
    exchange(role, 'every frame has a key of its own', { send: changing, receive: changing });

    exchange(role, 'fragments of odd sizes with different keys make one message', {
      send: [
        binary(counting(5), { fin: false, mask: Buffer.from('01020304', 'hex') }),
        continuation(counting(3), { fin: false, mask: Buffer.from('a0b0c0d0', 'hex') }),
        continuation(counting(7), { mask: Buffer.from('00ff00ff', 'hex') }),
      ],
      receive: [binary(Buffer.concat([counting(5), counting(3), counting(7)]))],
    });
  });

  // §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
  describe('RFC 6455 §5.1, bare frames from the client', () => {
    bareFrames((title, bare) => exchange(role, title, { send: [bare], failsWith: 1002 }));
    exchange(role, 'a bare frame after a good one fails', {
      send: [text('a'), text('b', { mask: null })],
      receive: [text('a')],
      failsWith: 1002,
    });
    exchange(role, 'a bare continuation fails', {
      send: [text('a', { fin: false }), continuation('b', { mask: null })],
      failsWith: 1002,
    });
  });
}

function clientSuite(role: Role): void {
  // §5.1: "A client MUST close a connection if it detects a masked frame."
  describe('RFC 6455 §5.1, masked frames from the server', () => {
    const mask = Buffer.from('37fa213d', 'hex');
    bareFrames((title, { opcode, payload }) =>
      exchange(role, title.replace('bare', 'masked'), { send: [{ opcode, payload, mask }], failsWith: 1002 }),
    );
  });
}

function bareFrames(define: (title: string, bare: FrameSpec) => void): void {
  define('a bare text message fails', text('Hello', { mask: null }));
  define('a bare empty message fails', text('', { mask: null }));
  define('a bare binary message fails', binary('Hello', { mask: null }));
  define('a bare ping fails', ping('', { mask: null }));
  define('a bare close fails', close(1000, '', { mask: null }));
}

const counting = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 255));
