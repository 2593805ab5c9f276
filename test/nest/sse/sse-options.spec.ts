import { describe, expect, it } from '@jest/globals';
import { InvalidSseOptionsError, NestwireModule } from 'nestwire';
import { startApp } from '../../support/test-app.js';

describe('eventStreams', () => {
  it.each([
    { heartbeatMs: 0 },
    { heartbeatMs: Infinity },
    { maxWaitMs: Number.NaN },
    { maxWaitMs: 2 ** 31 },
    { retryMs: 1.5 },
    { maxStreams: '1' as never },
  ])('refuses %j when the application starts', async (eventStreams) => {
    await expect(startApp({ module: {}, nestwire: { eventStreams } })).rejects.toThrow(
      InvalidSseOptionsError,
    );
  });

  it('may be left out', () => {
    expect(() => NestwireModule.forRoot()).not.toThrow();
  });
});
