import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type {
  MessageTransform,
  NegotiatedExtension,
  OutgoingMessage,
  SharedEncoding,
} from '../../../lib/protocol/websocket/index.js';
import {
  MessageStage,
  type StageListener,
  type StageOutput,
} from '../../../lib/transport/websocket/message-stage.js';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import { framesIn } from './received-frames.js';
import { SlowExtension } from './slow-extension.js';

const RSV1 = 0x40;
const RSV2 = 0x20;

let log: string[];

const output: StageOutput = {
  writeFrame(frame) {
    for (const { payload, rsv } of framesIn(frame)) log.push(`frame ${payload.toString()} ${rsv}`);
  },
  writePayload(payload, isBinary, rsv, hasCallback) {
    log.push(
      `${isBinary ? 'binary' : 'text'} ${payload.toString()} ${rsv}${hasCallback ? ' with callback' : ''}`,
    );
  },
};

const listener: StageListener = {
  encodingFailed: (error) => log.push(`failed ${(error as Error).message}`),
  onBacklog: (isHigh) => log.push(`backlog ${isHigh ? 'high' : 'low'}`),
  onStageEmpty: () => log.push('empty'),
};

beforeEach(() => {
  log = [];
});

const message = (text: string, compress = true): OutgoingMessage => ({
  payload: Buffer.from(text),
  isBinary: false,
  compress,
});

/** An extension that puts brackets around messages, at once, and takes them off. */
function brackets([open, close]: string, rsv: number, shared?: SharedEncoding): NegotiatedExtension {
  const transform: MessageTransform = {
    encode: ({ payload, compress }) =>
      compress ? Buffer.from(`${open}${payload.toString()}${close}`) : undefined,
    decode: (payload) => payload.subarray(1, -1),
    close: () => log.push(`closed ${open}`),
    ...(shared && { shared }),
  };
  return { name: `x-${open}`, rsv, accepted: { parameters: new Map(), open: () => transform } };
}

function stageOf(extensions: readonly NegotiatedExtension[], highWaterBytes = Infinity): MessageStage {
  return new MessageStage(extensions, 1024, highWaterBytes, listener);
}

const send = (stage: MessageStage, text: string, compress = true): void =>
  stage.send(message(text, compress), output, false);

describe('extensions in a row', () => {
  it('are applied in their order, each setting its own bits', () => {
    const stage = stageOf([brackets('()', RSV1), brackets('[]', RSV2)]);
    send(stage, 'a');
    expect(log).toEqual([`text [(a)] ${RSV1 | RSV2}`]);
    expect(stage.rsv).toBe(RSV1 | RSV2);
  });

  it('are left out where they have nothing to do', () => {
    const stage = stageOf([brackets('()', RSV1)]);
    send(stage, 'a', false);
    expect(log).toEqual(['text a 0']);
  });

  it('are undone the last first, those alone whose bits are set', async () => {
    const stage = stageOf([brackets('()', RSV1), brackets('[]', RSV2)]);
    const decoded = async (text: string, rsv: number): Promise<string> =>
      (await stage.decode(Buffer.from(text), rsv)).toString();
    expect(await decoded('[(a)]', RSV1 | RSV2)).toBe('a');
    expect(await decoded('[a]', RSV2)).toBe('a');
  });

  it('may each take their time', async () => {
    const slow = new SlowExtension();
    const stage = stageOf([...slow.negotiated, brackets('[]', RSV2)]);
    send(stage, 'a');
    expect(log).toEqual([]);
    await slow.finish();
    expect(log).toEqual([`text [<a>] ${RSV1 | RSV2}`]);
    const decoded = stage.decode(Buffer.from('[b]'), RSV1 | RSV2);
    await slow.finish();
    expect((await decoded).toString()).toBe('<b>');
  });

  it('are closed together', () => {
    stageOf([brackets('()', RSV1), brackets('[]', RSV2)]).close();
    expect(log).toEqual(['closed (', 'closed [']);
  });
});

describe('a message that takes time', () => {
  let slow: SlowExtension;
  let stage: MessageStage;

  beforeEach(() => {
    slow = new SlowExtension();
    stage = stageOf(slow.negotiated, 10);
  });

  it('holds up messages and other steps behind it, in order', async () => {
    send(stage, 'a');
    send(stage, 'b', false);
    stage.inOrder(() => void log.push('step'));
    send(stage, 'c');
    await slow.finish();
    expect(log).toEqual([`text <a> ${RSV1}`, 'text b 0', 'step']);
    await slow.finish();
    expect(log.slice(3)).toEqual([`text <c> ${RSV1}`, 'empty']);
  });

  it('leaves steps alone where nothing is before them', () => {
    stage.inOrder(() => void log.push('step'));
    expect(log).toEqual(['step']);
  });

  it('has the bytes behind it counted', async () => {
    send(stage, 'a');
    send(stage, '12345', false);
    expect(stage.waitingBytes).toBe(5);
    await slow.finish();
    expect(stage.waitingBytes).toBe(0);
  });

  it('is told of when more waits than the high-water mark, and when no longer, once each', async () => {
    send(stage, 'a');
    for (let i = 0; i < 4; i++) send(stage, '1234');
    expect(log).toEqual(['backlog high']);
    await slow.finish();
    expect(log).toEqual(['backlog high', `text <a> ${RSV1}`]);
    await slow.finish();
    expect(log.at(-1)).toBe('backlog low');
    expect(stage.waitingBytes).toBe(8);
  });

  it('is not told of as empty where nothing waited behind it, or after the end', async () => {
    send(stage, 'a');
    await slow.finish();
    send(stage, 'b');
    send(stage, 'c');
    stage.close();
    await slow.finish();
    expect(log).toEqual([`text <a> ${RSV1}`, `text <b> ${RSV1}`]);
  });

  it('and fails is told of, and those behind it go on', async () => {
    send(stage, 'a');
    send(stage, 'b', false);
    await slow.finish(new Error('out of memory'));
    expect(log).toEqual(['failed out of memory', 'text b 0', 'empty']);
  });

  it('has a step that throws behind it told of', async () => {
    send(stage, 'a');
    stage.inOrder(() => {
      throw new Error('late');
    });
    await slow.finish();
    expect(log.at(-1)).toBe('failed late');
  });
});

describe('callbacks', () => {
  it('go along with their messages, in order', () => {
    const stage = stageOf([brackets('()', RSV1)]);
    const [first, second] = [() => {}, () => {}];
    stage.expect(first);
    stage.send(message('a'), output, true);
    stage.expect(second);
    stage.send(message('b'), output, true);
    expect(log).toEqual([`text (a) ${RSV1} with callback`, `text (b) ${RSV1} with callback`]);
    expect([stage.expected(), stage.expected()]).toEqual([first, second]);
  });

  it('of messages that never left get an error', async () => {
    const stage = stageOf(new SlowExtension().negotiated);
    const errors: unknown[] = [];
    stage.expect((error) => errors.push(error));
    stage.send(message('a'), output, true);
    stage.close();
    await turn();
    expect(errors).toMatchObject([{ message: 'the connection was closed before the message was sent' }]);
    expect(stage.waitingBytes).toBe(0);
  });
});

describe('a prepared message', () => {
  /** Counts what it encodes, and who was sent what it made. */
  class Shared implements SharedEncoding {
    readonly key = 'same';
    encoded = 0;
    sentTo = 0;

    encode({ payload }: OutgoingMessage): Buffer {
      this.encoded++;
      return Buffer.from(`{${payload.toString()}}`);
    }
    sent(): void {
      this.sentTo++;
    }
  }

  const frames = (text: string): PreparedFrames => new PreparedFrames(Buffer.from(text), false);

  it('is encoded once for all whose encoding has the same key', () => {
    const shared = [new Shared(), new Shared()];
    const prepared = frames('a');
    for (const one of shared) stageOf([brackets('()', RSV1, one)]).sendPrepared(prepared, output);
    expect(log).toEqual([`frame {a} ${RSV1}`, `frame {a} ${RSV1}`]);
    expect(shared.map(({ encoded }) => encoded)).toEqual([1, 0]);
    expect(shared.map(({ sentTo }) => sentTo)).toEqual([1, 1]);
  });

  it('is encoded for one connection where its extension can’t share, or is not alone', () => {
    stageOf([brackets('()', RSV1)]).sendPrepared(frames('a'), output);
    stageOf([brackets('()', RSV1, new Shared()), brackets('[]', RSV2)]).sendPrepared(frames('b'), output);
    expect(log).toEqual([`text (a) ${RSV1}`, `text [(b)] ${RSV1 | RSV2}`]);
  });

  it('waits for its place', async () => {
    const slow = new SlowExtension();
    const shared = new Shared();
    const transform: MessageTransform = Object.assign(slow, { shared });
    const stage = stageOf([
      { name: 'x', rsv: RSV1, accepted: { parameters: new Map(), open: () => transform } },
    ]);
    send(stage, 'a');
    stage.sendPrepared(frames('b'), output);
    expect([shared.encoded, stage.waitingBytes]).toEqual([0, 1]);
    await slow.finish();
    expect(log).toEqual([`text <a> ${RSV1}`, `frame {b} ${RSV1}`, 'empty']);
  });
});
