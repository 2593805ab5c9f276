import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Outbox } from '../../../lib/transport/websocket/outbox.js';
import { seed } from '../../support/seed.js';
import { PONG, TEXT, frame } from '../../protocol/websocket/frames.js';
import { FakeSocket } from './fake-socket.js';
import { linesIn } from './received-frames.js';

const KIB = 1024;

let socket: FakeSocket;
let outbox: Outbox;

/** Writes a frame as `sendFrame` does: reserved, then filled in. */
function reserve(bytes: Buffer): void {
  const at = outbox.reserve(bytes.length);
  bytes.copy(outbox.room, at);
}

describe('any sequence of acts', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constantFrom('push', 'reserve', 'two'), size: fc.nat(70 * KIB) }),
    fc.record({ kind: fc.constant('control'), size: fc.nat(125) }),
    fc.record({ kind: fc.constantFrom('tick', 'hold', 'release', 'batch', 'large'), size: fc.constant(0) }),
  );

  const doing: Record<string, (bytes: Buffer, header: number) => unknown> = {
    push: (bytes) => outbox.push(bytes),
    reserve,
    two: (bytes, header) =>
      outbox.isBlocked
        ? outbox.push(bytes)
        : outbox.pushInTwo(bytes.subarray(0, header), bytes.subarray(header)),
    control: (bytes) => outbox.pushControl(bytes),
    tick: () => turn(),
    hold: () => socket.hold(),
    release: () => socket.release(),
    batch: () => (outbox.beginBatch(), outbox.endBatch()),
    large: () => outbox.flushIfLarge(),
  };

  const headerOf = (size: number): number => (size < 126 ? 2 : size < 65_536 ? 4 : 10);
  const digest = (opcode: string, id: number, size: number): string => `${opcode} ${id} of ${size}`;

  /** Each payload repeats its number, so that frames are told apart and mixed bytes are seen. */
  function seen(): string[] {
    return linesIn(socket.output).map((line) => {
      const [opcode = '', content = ''] = line.split(' ', 2);
      expect(new Set(content).size).toBeLessThanOrEqual(1);
      return digest(opcode, content.charCodeAt(0) || 0, content.length);
    });
  }

  it(`keeps frames whole, messages in order and control frames in order (TEST_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        socket = new FakeSocket();
        outbox = new Outbox(socket.asSocket, { onDrain() {} });
        const messages: string[] = [];
        const controls: string[] = [];
        for (const [i, { kind, size }] of acts.entries()) {
          const id = 65 + (i % 50);
          const payload = Buffer.alloc(size, id);
          const isControl = kind === 'control';
          if (isControl) controls.push(digest('pong', size && id, size));
          else if (['push', 'reserve', 'two'].includes(kind)) messages.push(digest('text', size && id, size));
          await doing[kind]!(frame(isControl ? PONG : TEXT, payload), headerOf(size));
        }
        await socket.release();
        await turn();
        expect(seen().filter((line) => line.startsWith('text'))).toEqual(messages);
        expect(seen().filter((line) => line.startsWith('pong'))).toEqual(controls);
        expect(outbox.queuedBytes).toBe(0);
      }),
      { seed, numRuns: 60 },
    );
  });
});
