import { describe } from '@jest/globals';
import {
  binary,
  close,
  continuation,
  fragmented,
  frame,
  inFragmentsOf,
  ping,
  pong,
  text,
} from '../support/raw-peer-frames.js';
import { exchange } from './exchange.js';
import type { Role } from './role.js';

const more = { fin: false };

export function fragmentationSuite(role: Role): void {
  describe('RFC 6455 §5.4, fragmented messages', () => {
    exchange(role, 'two fragments are one message', {
      send: fragmented(text('fragment1'), 'fragment2'),
      receive: [text('fragment1fragment2')],
    });
    exchange(role, 'binary fragments are one binary message', {
      send: fragmented(binary('fragment1'), 'fragment2', 'fragment3'),
      receive: [binary('fragment1fragment2fragment3')],
    });
    exchange(role, 'three empty fragments are one empty message', {
      send: fragmented(text(''), '', ''),
      receive: [text('')],
    });
    exchange(role, 'empty fragments around the content change nothing', {
      send: fragmented(text(''), '', 'middle', '', ''),
      receive: [text('middle')],
    });
    exchange(role, 'fragments of one byte are one message', {
      send: inFragmentsOf(1, binary('one byte at a time')),
      receive: [binary('one byte at a time')],
    });
    exchange(role, 'the message after a fragmented one starts anew', {
      send: [...fragmented(text('a'), 'b'), binary('c'), ...fragmented(binary('d'), 'e')],
      receive: [text('ab'), binary('c'), binary('de')],
    });
    exchange(role, 'a fragment may be longer than 65535 bytes', {
      send: fragmented(binary(Buffer.alloc(70_000, 1)), Buffer.alloc(70_000, 2)),
      receive: [binary(Buffer.concat([Buffer.alloc(70_000, 1), Buffer.alloc(70_000, 2)]))],
    });
  });

  describe('RFC 6455 §5.4, control frames between fragments', () => {
    exchange(role, 'a ping between fragments is answered before the message', {
      send: [text('fragment1', more), ping('ping payload'), continuation('fragment2')],
      receive: [pong('ping payload'), text('fragment1fragment2')],
    });
    exchange(role, 'a pong between fragments is ignored', {
      send: [text('fragment1', more), pong('unasked'), continuation('fragment2')],
      receive: [text('fragment1fragment2')],
    });
    exchange(role, 'pings between many fragments are each answered', {
      send: [
        text('1', more),
        continuation('2', more),
        ping('first'),
        continuation('3', more),
        continuation('4', more),
        ping('second'),
        continuation('5'),
      ],
      receive: [pong('first'), pong('second'), text('12345')],
    });
    exchange(role, 'a control frame does not change the kind of the message around it', {
      send: [binary(Buffer.of(0xff), more), ping(), pong(), ping('x'), continuation(Buffer.of(0xfe))],
      receive: [pong(), pong('x'), binary(Buffer.of(0xff, 0xfe))],
    });
    exchange(role, 'a close between fragments ends it, and nothing of the message is delivered', {
      send: [text('fragment1', more), close(1000), continuation('fragment2')],
      closesWith: 1000,
    });
  });

  describe('RFC 6455 §5.4, fragments out of place', () => {
    const hello = text('Hello');
    for (const fin of [true, false]) {
      const word = fin ? 'final' : 'unfinished';
      exchange(role, `a ${word} continuation at the start fails`, {
        send: [continuation('non-continuation payload', { fin }), hello],
        failsWith: 1002,
      });
      exchange(role, `an empty ${word} continuation at the start fails`, {
        send: [continuation('', { fin })],
        failsWith: 1002,
      });
      exchange(role, `a ${word} continuation after a whole message fails`, {
        send: [hello, continuation('x', { fin }), hello],
        receive: [hello],
        failsWith: 1002,
      });
      exchange(role, `a ${word} continuation after a fragmented message fails`, {
        send: [...fragmented(text('a'), 'b'), continuation('x', { fin }), hello],
        receive: [text('ab')],
        failsWith: 1002,
      });
      exchange(role, `a ${word} continuation before a fragmented message fails`, {
        send: [continuation('a', { fin }), text('b', more), continuation('c')],
        failsWith: 1002,
      });
      exchange(role, `a ${word} continuation after a ping fails`, {
        send: [ping('x'), continuation('a', { fin })],
        receive: [pong('x')],
        failsWith: 1002,
      });
    }
    for (const opcode of [1, 2]) {
      for (const fin of [true, false]) {
        exchange(role, `opcode ${opcode} with fin ${fin} inside a fragmented message fails`, {
          send: [text('a', more), frame(opcode, 'b', { fin }), continuation('c')],
          failsWith: 1002,
        });
      }
    }
  });
}
