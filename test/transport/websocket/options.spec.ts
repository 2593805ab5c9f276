import { constants } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { type GivenConnectionOptions, connectionOptions } from '../../../lib/transport/websocket/options.js';

describe('the options of a connection', () => {
  it('have safe defaults', () => {
    expect(connectionOptions({})).toEqual({
      maxPayload: 262_144,
      maxFragments: 1024,
      maxBufferedChunks: 4096,
      maxPendingAutoPongs: 16,
      maxOutboundBytes: 1_048_576,
      closeTimeoutMs: 5000,
      idleTimeoutMs: Infinity,
      heartbeat: { intervalMs: 25_000, timeoutMs: 20_000 },
    });
  });

  it('are those given', () => {
    const given = {
      maxPayload: 1,
      maxFragments: 2,
      maxBufferedChunks: 3,
      maxPendingAutoPongs: 4,
      maxOutboundBytes: 5,
      closeTimeoutMs: 6,
      idleTimeoutMs: 9,
      heartbeat: { intervalMs: 7, timeoutMs: 8 },
    };
    expect(connectionOptions(given)).toEqual(given);
  });

  it('may set one time of the heartbeat, or switch it off', () => {
    expect(connectionOptions({ heartbeat: { timeoutMs: 5 } }).heartbeat).toEqual({
      intervalMs: 25_000,
      timeoutMs: 5,
    });
    expect(connectionOptions({ heartbeat: false }).heartbeat).toBe(false);
  });

  it.each([
    [262_144, 4096],
    [262_145, 4097],
    [1_048_576, 16_384],
    [0, 4096],
    [Infinity, Math.ceil(constants.MAX_LENGTH / 64)],
  ])('allow a message of %d bytes %d chunks', (maxPayload, chunks) => {
    expect(connectionOptions({ maxPayload }).maxBufferedChunks).toBe(chunks);
  });

  it('may switch limits off with Infinity, and allow nothing with 0', () => {
    expect(connectionOptions({ maxOutboundBytes: Infinity }).maxOutboundBytes).toBe(Infinity);
    expect(connectionOptions({ maxPayload: 0 }).maxPayload).toBe(0);
  });

  const names = [
    'maxPayload',
    'maxFragments',
    'maxBufferedChunks',
    'maxPendingAutoPongs',
    'maxOutboundBytes',
    'closeTimeoutMs',
  ] as const;

  it.each(names)('must be numbers of at least 0, as %s', (name) => {
    for (const bad of [-1, NaN, -Infinity, '5', null]) {
      const given = { [name]: bad } as GivenConnectionOptions;
      expect(() => connectionOptions(given)).toThrow(
        new RangeError(`${name} must be a number of at least 0, not ${String(bad)}`),
      );
    }
  });

  it.each(['intervalMs', 'timeoutMs'])('must be numbers of at least 0, as heartbeat.%s', (name) => {
    const given = { heartbeat: { [name]: -1 } };
    expect(() => connectionOptions(given)).toThrow(
      `heartbeat.${name} must be a number of at least 0, not -1`,
    );
  });
});
