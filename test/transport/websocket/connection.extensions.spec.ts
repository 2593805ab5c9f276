import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import { CLOSE, PING, TEXT, clientFrame, closePayload } from '../../protocol/websocket/frames.js';
import { type Connected, connectedInTests } from './owner.js';
import { framesIn, linesIn } from './received-frames.js';
import { SlowExtension } from './slow-extension.js';

const RSV1 = 0x40;

const connect = connectedInTests();

let one: Connected;
let extension: SlowExtension;

beforeEach(() => {
  extension = new SlowExtension();
  one = connect({ extensions: extension.negotiated, maxOutboundBytes: 100 });
});

const sent = (): string[] => linesIn(one.socket.output);
const squeezed = (text: string): Buffer => clientFrame(TEXT, text, { rsv: RSV1 });
const plain = (text: string): Buffer => clientFrame(TEXT, text);

describe('a message that takes time to decode', () => {
  it('keeps what came behind it in the same chunk, and gives it on in order', async () => {
    await one.socket.arrive(
      Buffer.concat([plain('a'), squeezed('b'), plain('c'), clientFrame(PING), plain('d')]),
    );
    expect(one.owner.log).toEqual(['text a']);
    await extension.finish();
    expect(one.owner.log).toEqual(['text a', 'text <b>', 'text c', 'ping ', 'text d']);
  });

  it('keeps what comes later waiting in the socket', async () => {
    await one.socket.arrive(squeezed('a'));
    await one.socket.arrive(plain('b'), plain('c'));
    expect(one.owner.log).toEqual([]);
    await extension.finish();
    expect(one.owner.log).toEqual(['text <a>', 'text b', 'text c']);
  });

  it('is followed by the next such, one at a time', async () => {
    await one.socket.arrive(Buffer.concat([squeezed('a'), squeezed('b'), squeezed('c')]));
    for (const text of ['a', 'b', 'c']) {
      expect(extension.jobs.map((job) => job.text)).toEqual([text]);
      await extension.finish();
    }
    expect(one.owner.log).toEqual(['text <a>', 'text <b>', 'text <c>']);
  });

  it('and fails closes the connection with the code of its error', async () => {
    await one.socket.arrive(Buffer.concat([squeezed('a'), plain('never')]));
    const { invalidDeflate } = await import('../../../lib/protocol/websocket/websocket-error.js');
    await extension.finish(invalidDeflate('bad block'));
    expect(one.owner.log).toEqual(["failed WS_ERR_INVALID_DATA: message can't be inflated: bad block"]);
    expect(sent()).toEqual(["close 1007 message can't be inflated: bad block"]);
  });

  it('and is no UTF-8 afterwards closes the connection with 1007', async () => {
    await one.socket.arrive(squeezed('a'));
    await extension.finish(Buffer.of(0xff));
    expect(sent()).toEqual(['close 1007 text message is not valid UTF-8']);
  });

  it('is dropped when the connection closes first', async () => {
    await one.socket.arrive(Buffer.concat([squeezed('a'), plain('b')]));
    one.connection.terminate();
    await turn();
    await extension.finish();
    expect(one.owner.log).toEqual(['closed 1006']);
    expect(extension.isClosed).toBe(true);
  });

  it('leaves the connection paused where the application paused it meanwhile', async () => {
    await one.socket.arrive(squeezed('a'));
    one.connection.pause();
    await one.socket.arrive(plain('b'));
    await extension.finish();
    expect(one.owner.log).toEqual(['text <a>']);
    one.connection.resume();
    await turn();
    expect(one.owner.log).toEqual(['text <a>', 'text b']);
  });

  it('is not overtaken when the application resumes meanwhile', async () => {
    await one.socket.arrive(squeezed('a'));
    one.connection.pause();
    one.connection.resume();
    await one.socket.arrive(plain('b'));
    expect(one.owner.log).toEqual([]);
    await extension.finish();
    expect(one.owner.log).toEqual(['text <a>', 'text b']);
  });

  it('is not overtaken by a close frame', async () => {
    await one.socket.arrive(Buffer.concat([squeezed('a'), clientFrame(CLOSE, closePayload(1000))]));
    expect(sent()).toEqual([]);
    await extension.finish();
    expect(one.owner.log).toEqual(['text <a>']);
    expect(sent()).toEqual(['close 1000']);
  });
});

describe('a message that takes time to encode', () => {
  it('holds up those behind it, which keep their order', async () => {
    one.connection.send('a', false, true);
    one.connection.send('b', false, false);
    one.connection.send(Buffer.from('c'), true, false);
    await turn();
    expect(sent()).toEqual([]);
    await extension.finish();
    expect(sent()).toEqual(['text <a>', 'text b', 'binary c']);
    expect(framesIn(one.socket.output).map(({ rsv }) => rsv)).toEqual([RSV1, 0, 0]);
  });

  it('holds up a prepared message too', async () => {
    one.connection.send('a', false, true);
    one.connection.sendPrepared(new PreparedFrames(Buffer.from('all'), false, false));
    await extension.finish();
    expect(sent()).toEqual(['text <a>', 'text all']);
  });

  it('does not hold up control frames', async () => {
    one.connection.send('a', false, true);
    await one.socket.arrive(clientFrame(PING, 'p'));
    expect(sent()).toEqual(['pong p']);
    await extension.finish();
    expect(sent()).toEqual(['pong p', 'text <a>']);
  });

  it('comes before the close frame that was asked for behind it', async () => {
    one.connection.send('a', false, true);
    one.connection.close(1000, 'done');
    expect(one.connection.state).toBe('closing');
    one.connection.close(1001, 'again');
    one.connection.send('late', false, true);
    await turn();
    expect(sent()).toEqual([]);
    await extension.finish();
    expect(sent()).toEqual(['text <a>', 'close 1000 done']);
  });

  it('and fails closes the connection with 1011', async () => {
    one.connection.send('a', false, true);
    await extension.finish(new Error('out of memory'));
    expect(one.owner.log).toEqual(["failed WS_ERR_ENCODING: message can't be encoded: out of memory"]);
    expect(sent()).toEqual(["close 1011 message can't be encoded: out of memory"]);
  });

  it('counts what waits behind it as queued', async () => {
    one.connection.send('a', false, true);
    one.connection.send('12345', false, false);
    expect(one.connection.queuedBytes).toBe(5);
    await extension.finish();
    await turn();
    expect(one.connection.queuedBytes).toBe(0);
  });

  it('can’t be asked to close with a bad code', () => {
    expect(() => one.connection.close(1006)).toThrow(RangeError);
    expect(one.connection.state).toBe('open');
  });
});

describe('messages that wait to be encoded', () => {
  const send = (bytes: number): void => one.connection.send('x'.repeat(bytes), false, true);

  it('hold up reading while they are more than half of the limit, so that the peer causes no more', async () => {
    send(1);
    send(50);
    expect(one.connection.isReading).toBe(true);
    send(1);
    expect(one.connection.isReading).toBe(false);
    await one.socket.arrive(plain('more'));
    expect(one.owner.log).toEqual([]);
    await extension.finish();
    expect(one.connection.isReading).toBe(true);
    expect(one.owner.log).toEqual(['text more']);
  });

  it('hold up what was read in the same chunk', async () => {
    one.owner.listener = () => send(30);
    await one.socket.arrive(Buffer.concat([plain('a'), plain('b'), plain('c'), plain('d')]));
    expect(one.owner.log).toEqual(['text a', 'text b', 'text c']);
    await extension.finish();
    expect(one.owner.log).toEqual(['text a', 'text b', 'text c', 'text d']);
  });

  it('never close a connection that echoes, however much the peer pipelines', async () => {
    one.owner.listener = () => send(45);
    await one.socket.arrive(Buffer.concat(Array.from({ length: 20 }, () => plain('a'))));
    while (extension.jobs.length > 0) await extension.finish();
    expect(one.owner.log).toEqual([...Array<string>(20).fill('text a'), 'drain']);
    expect(sent()).toHaveLength(20);
  });

  it('are told drained when all are through, by themselves or when the peer has read them', async () => {
    send(1);
    send(1);
    while (extension.jobs.length > 0) await extension.finish();
    expect(one.owner.log).toEqual(['drain']);
    one.socket.hold();
    send(1);
    send(1);
    while (extension.jobs.length > 0) await extension.finish();
    expect(one.owner.log).toEqual(['drain']);
    await one.socket.release();
    expect(one.owner.log).toEqual(['drain', 'drain']);
  });

  it('beyond the limit fail the connection, as the application sends on regardless', () => {
    send(1);
    send(101);
    send(1);
    expect(one.owner.log).toEqual(['failed WS_ERR_OUTBOUND_LIMIT: 101 unsent bytes exceed the limit of 100']);
  });

  it('are not added to what waits for the peer', async () => {
    one.socket.hold();
    one.connection.send('x'.repeat(80), false, false);
    await turn();
    send(1);
    send(80);
    send(1);
    expect(one.owner.log).toEqual([]);
    expect(one.connection.queuedBytes).toBe(82 + 81);
  });

  it('leave a peer that does not read to be cut off by what it does not read', async () => {
    one.socket.hold();
    for (let i = 0; i < 3; i++) send(60);
    while (extension.jobs.length > 0) await extension.finish();
    send(1);
    expect(one.owner.log).toEqual(['failed WS_ERR_OUTBOUND_LIMIT: 192 unsent bytes exceed the limit of 100']);
  });
});

describe('the callbacks of messages that wait', () => {
  const callback = () => jest.fn<(error?: Error) => void>();

  it('come once each message was sent', async () => {
    const [first, second] = [callback(), callback()];
    one.connection.send('a', false, true, first);
    one.connection.send('b', false, false, second);
    await turn();
    expect(first).not.toHaveBeenCalled();
    await extension.finish();
    await turn();
    expect([first.mock.calls, second.mock.calls]).toEqual([[[]], [[]]]);
  });

  it('come with an error when the connection ends first', async () => {
    const callbacks = [callback(), callback(), callback()];
    for (const one_ of callbacks) one.connection.send('a', false, true, one_);
    one.connection.terminate();
    await turn();
    await extension.finish();
    await turn();
    expect(callbacks.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
    for (const { mock } of callbacks) expect(mock.calls[0]![0]).toBeInstanceOf(Error);
  });

  it('come with an error when encoding fails', async () => {
    const callbacks = [callback(), callback()];
    for (const one_ of callbacks) one.connection.send('a', false, true, one_);
    await extension.finish(new Error('out of memory'));
    one.socket.destroy();
    await turn();
    if (extension.jobs.length > 0) await extension.finish();
    await turn();
    expect(callbacks.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    for (const { mock } of callbacks) expect(mock.calls[0]![0]).toBeInstanceOf(Error);
  });
});
