import { describe, expect, it } from '@jest/globals';
import {
  ContextNotEnteredError,
  type MessageContext,
  enter,
} from '../../../lib/nest/pipeline/message-context.js';
import { TestHost, makeSession } from '../../support/test-session.js';

const session = makeSession(new TestHost());
const fail = (): never => {
  throw new RangeError('inside');
};

describe('a context around messages', () => {
  it('is told the session and the event, and passes on what came of it', () => {
    const told: unknown[] = [];
    const context: MessageContext = (given, event, next) => {
      told.push(given === session, event);
      next();
      told.push('after');
    };

    expect(enter(context, session, 'say', () => told.push('inside'))).toBe(3);
    expect(told).toEqual([true, 'say', 'inside', 'after']);
  });

  it('is not needed', () => {
    expect(enter(undefined, session, 'say', () => 1)).toBe(1);
    expect(() => enter(undefined, session, 'say', fail)).toThrow('inside');
  });

  it('does not see what is thrown inside, which goes to the client all the same', () => {
    const swallowed: unknown[] = [];
    const context: MessageContext = (_session, _event, next) => {
      try {
        next();
      } catch (error) {
        swallowed.push(error);
      }
    };

    expect(() => enter(context, session, 'say', fail)).toThrow(RangeError);
    expect(swallowed).toEqual([]);
  });

  it('runs a message once, however often it calls', () => {
    let runs = 0;
    enter(
      (_session, _event, next) => [next, next].forEach((call) => call()),
      session,
      'say',
      () => runs++,
    );

    expect(runs).toBe(1);
  });

  it('has to call at once: later it runs nothing', () => {
    let runs = 0;
    let late: () => void = () => undefined;
    const entering = (): unknown =>
      enter(
        (_session, _event, next) => (late = next),
        session,
        'say',
        () => runs++,
      );
    expect(entering).toThrow(ContextNotEnteredError);
    expect(entering).toThrow('"context" has not called next() for "say"');
    late();

    expect(runs).toBe(0);
  });
});
