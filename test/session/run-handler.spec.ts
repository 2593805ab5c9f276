import { describe, expect, it, jest } from '@jest/globals';
import { of } from 'rxjs';
import type { GatewaySession, MessageHandler, SessionHost } from '../../lib/session/index.js';
import { runHandler } from '../../lib/session/run-handler.js';

describe('a handler that nobody traces', () => {
  it('runs as it is: nothing is asked for a span, and its stream is its own', () => {
    const stream = of(1);
    const patternOf = jest.fn<() => undefined>();
    const session = new Proxy({} as GatewaySession, {
      get: (_, name) => {
        throw new Error(`asked for ${String(name)}`);
      },
    });
    const handler = { run: () => stream } as unknown as MessageHandler;
    const host = { patternOf } as unknown as SessionHost;

    expect(runHandler(session, host, handler, { event: 'watch' }, undefined)).toBe(stream);
    expect(patternOf).not.toHaveBeenCalled();
  });
});
