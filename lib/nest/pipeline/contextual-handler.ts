/**
 * A handler whose messages each have a context: instances of their own, an AsyncLocalStorage, or both.
 *
 * Theory of operation. Guards, pipes, interceptors, handler, the stream that it returns and the filters all
 * belong to one context, and only while the message runs is it known which. So filters are asked here, as
 * soon as something fails, and what they say travels to the session within an error.
 */
import { AsyncResource } from 'node:async_hooks';
import type { ExceptionData } from '../../protocol/envelope/index.js';
import { type GatewaySession, type MessageHandler, isStream, isThenable } from '../../session/index.js';
import { bindSource } from './bind-source.js';
import { bindStream } from './bound-stream.js';
import { explain } from './explain.js';
import type { HandlerSource } from './handler-source.js';
import { type MessageContext, enter } from './message-context.js';

/** The filters have been asked about an error; this is what the client is told. */
class ExplainedError extends Error {
  constructor(readonly data: ExceptionData) {
    super(data.message);
  }
}

type Message = Parameters<MessageHandler['run']>;

export class ContextualHandler implements MessageHandler {
  /** Runs singletons, and asks the filters of others when there is no instance. */
  private readonly unbound: MessageHandler;

  constructor(
    private readonly source: HandlerSource,
    private readonly compile: (source: HandlerSource) => MessageHandler,
    private readonly context: MessageContext | undefined,
  ) {
    this.unbound = compile(source);
  }

  get overflow(): MessageHandler['overflow'] {
    return this.unbound.overflow;
  }

  get usesSignal(): boolean {
    return this.unbound.usesSignal ?? false;
  }

  run(...message: Message): unknown {
    const [session, , event] = message;
    return enter(this.context, session, event, () => this.runInside(message));
  }

  private runInside(message: Message): unknown {
    // made here, where the application's stores are in force
    const inside = this.context ? insideOf(new AsyncResource('nestwire:message')) : call;
    if (!this.source.instances) return runExplained(this.unbound, message, inside);
    return this.bind(message[0]).then(
      (bound) => runExplained(bound, message, inside),
      (error: unknown) => rethrow(this.unbound, message, error),
    );
  }

  private async bind(session: GatewaySession): Promise<MessageHandler> {
    return this.compile(await bindSource(this.source, session));
  }

  /** Errors of the handler are explained already; others come from a result that is no JSON, for instance. */
  explain(
    error: unknown,
    session: GatewaySession,
    data: unknown,
    event: string,
  ): ExceptionData | Promise<ExceptionData> {
    if (error instanceof ExplainedError) return error.data;
    try {
      return enter(this.context, session, event, () => this.unbound.explain(error, session, data, event));
    } catch {
      return explain(error, event);
    }
  }
}

type Inside = <T>(act: () => T) => T;

const call: Inside = (act) => act();

function insideOf(resource: AsyncResource): Inside {
  return (act) => resource.runInAsyncScope(act);
}

function runExplained(handler: MessageHandler, message: Message, inside: Inside): unknown {
  const fail = (error: unknown): Promise<never> => rethrow(handler, message, error);
  const finish = (value: unknown): unknown =>
    isStream(value) ? bindStream(value, { inside, rethrow: fail }) : value;
  try {
    const result = handler.run(...message);
    return isThenable(result) ? Promise.resolve(result).then(finish, fail) : finish(result);
  } catch (error) {
    return fail(error);
  }
}

async function rethrow(handler: MessageHandler, message: Message, error: unknown): Promise<never> {
  const [session, data, event, signal] = message;
  // a handler that did as its signal said has not failed
  if (signal?.aborted && error === signal.reason) throw error;
  throw new ExplainedError(await handler.explain(error, session, data, event));
}
