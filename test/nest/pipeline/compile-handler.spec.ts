import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { compileHandler } from '../../../lib/nest/pipeline/compile-handler.js';
import type { MessageContext } from '../../../lib/nest/pipeline/message-context.js';
import type { MessageHandler } from '../../../lib/session/index.js';
import { TestHost, makeSession } from '../../support/test-session.js';

const session = makeSession(new TestHost());

class Adder {
  private readonly base = 40;

  add(_session: unknown, n: number): number {
    return this.base + n;
  }
}

/** There is no Nest here: whoever asks it for anything fails. */
function compile(around?: MessageContext): MessageHandler {
  const nothing = undefined as never;
  const { add } = Object.getOwnPropertyDescriptors(Adder.prototype);
  return compileHandler(
    {
      instance: new Adder(),
      metatype: Adder,
      methodName: 'add',
      method: add.value as (...args: unknown[]) => unknown,
      wrapperId: '1',
      schema: undefined,
      instances: undefined,
    },
    'latest',
    { creator: nothing, config: undefined, moduleRef: nothing, around },
  );
}

describe('a handler of a singleton without enhancers', () => {
  it('is called at once, without Nest and without a promise', () => {
    expect(compile().run(session, 2, 'add')).toBe(42);
    expect(compile().overflow).toBe('latest');
  });

  it('is so within a context of the application, too', () => {
    const events: string[] = [];
    const handler = compile((_session, event, next) => {
      events.push(event);
      next();
    });

    expect(handler.run(session, 2, 'add')).toBe(42);
    expect(handler.overflow).toBe('latest');
    expect(events).toEqual(['add']);
  });
});
