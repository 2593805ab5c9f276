import { describe, expect, it } from '@jest/globals';
import type { Role } from '../../../lib/protocol/websocket/frame-rules.js';
import {
  type WebSocketError,
  protocolError,
  tooBig,
} from '../../../lib/protocol/websocket/websocket-error.js';
import {
  type ProtocolEvents,
  type ProtocolOutput,
  WebSocketProtocol,
} from '../../../lib/protocol/websocket/websocket-protocol.js';
import { feed, splits } from '../../support/splits.js';
import { CLOSE, CONTINUATION, KEY, PING, PONG, TEXT, closePayload, frame } from './frames.js';
import { DEFAULT_LIMITS } from './recorder.js';

const ROLES: readonly Role[] = ['server', 'client'];

/** One side, whose peer and socket we play; everything it tells and sends is written down in order. */
class Side implements ProtocolEvents, ProtocolOutput {
  readonly log: string[] = [];
  readonly protocol: WebSocketProtocol;
  /** Called with each message. */
  listener: (text: string) => void = () => {};

  constructor(readonly role: Role) {
    this.protocol = new WebSocketProtocol(role, DEFAULT_LIMITS, this, this);
  }

  /** A frame from the peer, masked as its role demands. */
  bytes(opcode: number, content: string | Uint8Array = '', fin = true): Buffer {
    return frame(opcode, content, { fin, ...(this.role === 'server' && { key: KEY }) });
  }

  receive(opcode: number, content?: string | Uint8Array, fin?: boolean): void {
    this.protocol.receive(this.bytes(opcode, content, fin));
  }

  onMessage(payload: Buffer): void {
    this.log.push(`message ${payload.toString()}`);
    this.listener(payload.toString());
  }
  onPing(payload: Buffer): void {
    this.log.push(`ping ${payload.toString()}`);
  }
  onPong(payload: Buffer): void {
    this.log.push(`pong ${payload.toString()}`);
  }
  onClosing(): void {
    this.log.push('closing');
  }
  onFailed(error: WebSocketError): void {
    this.log.push(`failed ${error.closeCode}`);
  }
  sendControl(opcode: number, payload: Buffer): void {
    this.log.push(`send ${opcode === PONG ? 'pong' : opcode} ${payload.toString()}`);
  }
  sendClose(payload: Buffer, dropQueued: boolean): void {
    const code = payload.length === 0 ? '' : ` ${payload.readUInt16BE(0)}`;
    const reason = payload.length > 2 ? ` ${payload.toString('utf8', 2)}` : '';
    this.log.push(`send close${code}${reason}${dropQueued ? ', drop the queue' : ''}`);
  }
  endOutput(): void {
    this.log.push('end output');
  }
}

type Step = (side: Side) => void;

const inputs = {
  message: (side) => side.receive(TEXT, 'hi'),
  ping: (side) => side.receive(PING, 'p'),
  pong: (side) => side.receive(PONG, 'q'),
  'close frame': (side) => side.receive(CLOSE, closePayload(3001, 'bye')),
  'empty close frame': (side) => side.receive(CLOSE),
  violation: (side) => side.receive(3),
  'bad close frame': (side) => side.receive(CLOSE, closePayload(1005)),
  'end of stream': (side) => side.protocol.receiveEnd(),
  'our close': (side) => side.protocol.close(1000, 'done'),
  'our failure': (side) => side.protocol.fail(tooBig('WS_ERR_OUTBOUND_LIMIT', 'too much')),
} satisfies Record<string, Step>;

type Input = keyof typeof inputs;

interface State {
  readonly name: string;
  readonly enter: Step;
  readonly is: 'open' | 'closing' | 'closed';
  /** What each input leads to; `*` stands for the frames which are not listed. */
  readonly on: Partial<Record<Input | '*', readonly string[]>>;
  /** How it ends when the socket closes now. */
  readonly end: { code: number; reason: string; clean: boolean };
}

const ABNORMAL = { code: 1006, reason: '', clean: false };
const reserved = 'opcode 3 is reserved';
const badCode = 'close code 1005 must not be sent';
/** RFC 6455 §7.1.1: a server ends the connection when both close frames are through, a client waits. */
const END_OF_SERVER = 'end output (server only)';

const STATES: readonly State[] = [
  {
    name: 'open',
    enter: () => {},
    is: 'open',
    on: {
      message: ['message hi'],
      ping: ['send pong p', 'ping p'],
      pong: ['pong q'],
      'close frame': ['send close 3001 bye', 'closing', END_OF_SERVER],
      'empty close frame': ['send close', 'closing', END_OF_SERVER],
      violation: [`send close 1002 ${reserved}, drop the queue`, 'closing', 'end output', 'failed 1002'],
      'bad close frame': [
        `send close 1002 ${badCode}, drop the queue`,
        'closing',
        'end output',
        'failed 1002',
      ],
      'end of stream': ['closing', 'end output'],
      'our close': ['send close 1000 done', 'closing'],
      'our failure': ['send close 1009 too much, drop the queue', 'closing', 'end output', 'failed 1009'],
    },
    end: ABNORMAL,
  },
  {
    name: 'closing, our close frame sent',
    enter: (side) => side.protocol.close(1001),
    is: 'closing',
    on: {
      message: ['message hi'],
      ping: ['send pong p', 'ping p'],
      pong: ['pong q'],
      'close frame': [END_OF_SERVER],
      'empty close frame': [END_OF_SERVER],
      violation: ['end output', 'failed 1002'],
      'bad close frame': ['end output', 'failed 1002'],
      'end of stream': ['end output'],
      'our close': [],
      'our failure': ['end output', 'failed 1009'],
    },
    end: ABNORMAL,
  },
  {
    name: 'closing, the peer’s close frame answered',
    enter: (side) => side.receive(CLOSE, closePayload(4000, 'first')),
    is: 'closing',
    on: { '*': [], 'our close': [], 'our failure': [], 'end of stream': ['end output'] },
    end: { code: 4000, reason: 'first', clean: true },
  },
  {
    name: 'closing, both close frames crossed',
    enter(side) {
      side.protocol.close(1001);
      side.receive(CLOSE, closePayload(4000, 'theirs'));
    },
    is: 'closing',
    on: { '*': [], 'our close': [], 'our failure': [], 'end of stream': ['end output'] },
    end: { code: 4000, reason: 'theirs', clean: true },
  },
  {
    name: 'closing, the peer’s stream ended without a close frame',
    enter: (side) => side.protocol.receiveEnd(),
    is: 'closing',
    on: { '*': [], 'our close': [] },
    end: ABNORMAL,
  },
  {
    name: 'closing, failed by the peer',
    enter: (side) => side.receive(3),
    is: 'closing',
    on: { '*': [], 'our close': [], 'end of stream': ['end output'] },
    end: ABNORMAL,
  },
  {
    name: 'closing, failed by us',
    enter: (side) => side.protocol.fail(protocolError('WS_ERR_INVALID_DATA', 'no')),
    is: 'closing',
    on: { '*': [], 'our close': [], 'end of stream': ['end output'] },
    end: ABNORMAL,
  },
  {
    name: 'closed',
    enter: (side) => void side.protocol.closed(),
    is: 'closed',
    on: { '*': [], 'our close': [], 'our failure': [] },
    end: ABNORMAL,
  },
  {
    name: 'closed after a clean closing handshake',
    enter(side) {
      side.receive(CLOSE);
      side.protocol.closed();
    },
    is: 'closed',
    on: { '*': [], 'our close': [], 'our failure': [] },
    end: { code: 1005, reason: '', clean: true },
  },
];

const FRAMES: readonly Input[] = [
  'message',
  'ping',
  'pong',
  'close frame',
  'empty close frame',
  'violation',
  'bad close frame',
];

function expectedFor(state: State, input: Input, role: Role): readonly string[] | undefined {
  const outcome = state.on[input] ?? (FRAMES.includes(input) ? state.on['*'] : undefined);
  if (outcome === undefined) return undefined;
  return outcome.flatMap((line) =>
    line !== END_OF_SERVER ? [line] : role === 'server' ? ['end output'] : [],
  );
}

const rows = ROLES.flatMap((role) =>
  STATES.flatMap((state) =>
    (Object.keys(inputs) as Input[]).flatMap((input) => {
      const expected = expectedFor(state, input, role);
      return expected === undefined ? [] : [{ role, name: state.name, input, state, expected }];
    }),
  ),
);

describe('the states of a connection (RFC 6455 §7.1)', () => {
  it.each(rows)('$role, $name, at $input', ({ role, state, input, expected }) => {
    const side = new Side(role);
    state.enter(side);
    side.log.length = 0;
    inputs[input](side);
    expect(side.log).toEqual(expected);
  });

  it.each(rows)('$role, $name, never goes back at $input', ({ role, state, input, expected }) => {
    const side = new Side(role);
    state.enter(side);
    expect(side.protocol.state).toBe(state.is);
    const leavesOpen = state.is === 'open' && expected.includes('closing');
    inputs[input](side);
    expect(side.protocol.state).toBe(leavesOpen ? 'closing' : state.is);
  });

  it.each(ROLES.flatMap((role) => STATES.map((state) => ({ role, state, name: state.name }))))(
    '$role, $name, ends with the right code when the socket closes',
    ({ role, state }) => {
      const side = new Side(role);
      state.enter(side);
      expect(side.protocol.closed()).toEqual(state.end);
      expect(side.protocol.state).toBe('closed');
    },
  );
});

describe('the closing handshake', () => {
  it('is clean only when both close frames went through', () => {
    const sent = new Side('server');
    sent.protocol.close(1000);
    expect(sent.protocol.closed().clean).toBe(false);
    const both = new Side('server');
    both.protocol.close(1000);
    both.receive(CLOSE, closePayload(1000));
    expect(both.protocol.closed()).toEqual({ code: 1000, reason: '', clean: true });
  });

  it('tells whether the peer’s close frame is here', () => {
    const side = new Side('client');
    side.protocol.close(1000);
    expect(side.protocol.hasReceivedClose).toBe(false);
    side.receive(CLOSE);
    expect(side.protocol.hasReceivedClose).toBe(true);
  });

  it('echoes code and reason (RFC 6455 §5.5.1)', () => {
    const side = new Side('client');
    side.receive(CLOSE, closePayload(1001, 'a long story'));
    expect(side.log).toEqual(['send close 1001 a long story', 'closing']);
  });

  it('without a code sends an empty close frame', () => {
    const side = new Side('server');
    side.protocol.close();
    expect(side.log).toEqual(['send close', 'closing']);
  });

  it.each([
    [1006, ''],
    [999, ''],
    [5000, ''],
    [1000, 'r'.repeat(124)],
  ])('refuses the code %d with the reason "%s" and stays open', (code, reason) => {
    const side = new Side('server');
    expect(() => side.protocol.close(code, reason)).toThrow(RangeError);
    expect(side.protocol.state).toBe('open');
    expect(side.log).toEqual([]);
  });

  it('in the middle of a message delivers nothing of it', () => {
    const side = new Side('server');
    side.receive(TEXT, 'half', false);
    side.receive(CLOSE, closePayload(1000));
    side.receive(CONTINUATION, 'rest');
    expect(side.log).toEqual(['send close 1000', 'closing', 'end output']);
  });

  it('of ours leaves the peer’s unfinished message deliverable', () => {
    const side = new Side('server');
    side.receive(TEXT, 'half ', false);
    side.protocol.close(1000);
    side.receive(CONTINUATION, 'whole');
    expect(side.log.at(-1)).toBe('message half whole');
  });

  it.each(splits)('ignores what follows a close frame, $name', ({ cut }) => {
    const side = new Side('server');
    const late = [side.bytes(TEXT, 'late'), side.bytes(PING), side.bytes(CLOSE), side.bytes(3)];
    feed(cut(Buffer.concat([side.bytes(CLOSE, closePayload(1000)), ...late])), (chunk) =>
      side.protocol.receive(chunk),
    );
    expect(side.log).toEqual(['send close 1000', 'closing', 'end output']);
  });

  it('begun by a listener still delivers what came in the same chunk', () => {
    const side = new Side('server');
    side.listener = () => side.protocol.close(1000);
    side.protocol.receive(Buffer.concat([side.bytes(TEXT, 'a'), side.bytes(TEXT, 'b')]));
    expect(side.log).toEqual(['message a', 'send close 1000', 'closing', 'message b']);
  });

  it('begun while the socket closes in a listener leaves the connection closed', () => {
    const side = new Side('server');
    side.listener = () => void side.protocol.closed();
    side.protocol.receive(Buffer.concat([side.bytes(TEXT, 'a'), side.bytes(TEXT, 'b')]));
    expect(side.log).toEqual(['message a']);
    expect(side.protocol.state).toBe('closed');
  });
});

describe('failing a connection (RFC 6455 §7.1.7)', () => {
  it('tells the peer why in at most 123 bytes', () => {
    const side = new Side('server');
    side.protocol.fail(protocolError('WS_ERR_INVALID_DATA', 'x'.repeat(500)));
    expect(side.log[0]).toBe(`send close 1002 ${'x'.repeat(123)}, drop the queue`);
  });

  it('cuts the reason between code points, where it has to', () => {
    const side = new Side('server');
    side.protocol.fail(protocolError('WS_ERR_INVALID_DATA', `x${'é'.repeat(100)}`));
    expect(side.log[0]).toBe(`send close 1002 x${'é'.repeat(61)}, drop the queue`);
  });

  it('hands on the very error', () => {
    const side = new Side('server');
    const error = protocolError('WS_ERR_INVALID_DATA', 'why');
    let told: WebSocketError | undefined;
    side.onFailed = (failure) => void (told = failure);
    side.protocol.fail(error);
    expect(told).toBe(error);
  });

  it('tells of the messages before the violation, and of none behind it', () => {
    const side = new Side('server');
    const stream = [side.bytes(TEXT, 'good'), side.bytes(3), side.bytes(TEXT, 'late')];
    side.protocol.receive(Buffer.concat(stream));
    expect(side.log.filter((line) => line.startsWith('message'))).toEqual(['message good']);
  });
});

describe('a listener that throws', () => {
  it('fails the connection with 1011 and the error goes to the caller', () => {
    const side = new Side('server');
    side.listener = () => {
      throw new Error('application');
    };
    expect(() => side.receive(TEXT, 'hi')).toThrow('application');
    expect(side.log).toEqual(['message hi', 'send close 1011, drop the queue', 'closing', 'end output']);
    side.listener = () => {};
    side.receive(TEXT, 'late');
    expect(side.log.at(-1)).toBe('end output');
  });

  it('while closing sends no second close frame', () => {
    const side = new Side('server');
    side.protocol.close(1000);
    side.listener = () => {
      throw new Error('application');
    };
    expect(() => side.receive(TEXT, 'hi')).toThrow('application');
    expect(side.log).toEqual(['send close 1000', 'closing', 'message hi', 'end output']);
  });
});

describe('reserved bits', () => {
  it('claimed by extensions are handed on with the message', () => {
    const told: unknown[] = [];
    const side = new Side('server');
    const events = Object.assign(Object.create(side) as Side, {
      onMessage: (payload: Buffer, isBinary: boolean, rsv: number) =>
        told.push([payload.toString(), isBinary, rsv]),
    });
    const protocol = new WebSocketProtocol('server', DEFAULT_LIMITS, events, side, 0x40);
    protocol.receive(frame(TEXT, 'squeezed', { rsv: 0x40, key: KEY }));
    expect(told).toEqual([['squeezed', false, 0x40]]);
  });
});
