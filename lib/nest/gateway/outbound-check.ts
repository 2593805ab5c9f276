/** `validateOutbound`: nothing leaves a session that the schemas of its protocol refuse. */
import { type Observable, concatMap, isObservable, of } from 'rxjs';
import {
  type AnyProtocol,
  OutboundRefusedError,
  type RequestMessage,
  type SilentMessage,
  type StreamMessage,
} from '../../protocol/index.js';
import { validateOutbound } from '../../protocol/validate-outbound.js';
import { type MessageHandler, StartedStream, isStream, isThenable } from '../../session/index.js';

type Message = RequestMessage | StreamMessage | SilentMessage;

/** Puts a check behind a handler, if the protocol defines its event. */
export function checkAnswers(
  event: string,
  handler: MessageHandler,
  { client }: AnyProtocol,
): MessageHandler {
  return Object.hasOwn(client, event) ? new CheckedHandler(handler, event, client[event]!) : handler;
}

class CheckedHandler implements MessageHandler {
  readonly overflow: MessageHandler['overflow'];
  readonly usesSignal: boolean;

  constructor(
    private readonly handler: MessageHandler,
    private readonly event: string,
    private readonly message: Message,
  ) {
    this.overflow = handler.overflow;
    this.usesSignal = handler.usesSignal ?? false;
  }

  run(...args: Parameters<MessageHandler['run']>): unknown {
    const result = this.handler.run(...args);
    if (!isThenable(result)) return this.check(result);
    return Promise.resolve(result).then((value) => this.check(value));
  }

  explain(...args: Parameters<MessageHandler['explain']>): ReturnType<MessageHandler['explain']> {
    return this.handler.explain(...args);
  }

  private check(result: unknown): unknown {
    const { reply, stream } = this.message;
    if (isStream(result)) return stream ? checkStream(result, (item) => this.checkItem(item)) : this.refuse();
    if (reply) return validateOutbound(`answer to "${this.event}"`, reply, result);
    return result === undefined && !stream ? result : this.refuse();
  }

  private checkItem(item: unknown): unknown {
    return validateOutbound(`item of "${this.event}"`, this.message.stream!, item);
  }

  private refuse(): never {
    const { reply, stream } = this.message;
    const due = reply ? 'one value' : stream ? 'a stream' : 'nothing';
    throw new OutboundRefusedError(`answer to "${this.event}"`, `${due} is due`);
  }
}

type Check = (item: unknown) => unknown;

function checkStream(source: Observable<unknown> | AsyncIterable<unknown>, check: Check): unknown {
  if (!isObservable(source)) return checkIterable(source, check);
  const checked = source.pipe(
    concatMap((item) => {
      const valid = check(item);
      return valid instanceof Promise ? valid : of(valid);
    }),
  );
  if (!(source instanceof StartedStream)) return checked;
  return new StartedStream((subscriber) => checked.subscribe(subscriber), source.abandon);
}

/** By hand: a generator would let go of its source only when that has come to its next item. */
function checkIterable(source: AsyncIterable<unknown>, check: Check): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.asyncIterator]();
      return {
        next: async () => {
          const result = await iterator.next();
          if (!result.done) await check(result.value);
          return result;
        },
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}

/** A push goes out in the same call, so that its schema has to answer in it too. */
export function pushCheck({ name, server }: AnyProtocol): (event: string, data: unknown) => void {
  return (event, data) => {
    const what = `push of "${event}"`;
    if (!Object.hasOwn(server, event)) {
      throw new OutboundRefusedError(what, `protocol "${name}" has no such event`);
    }
    const valid = validateOutbound(what, server[event]!, data);
    if (!(valid instanceof Promise)) return;
    valid.catch(() => undefined);
    throw new OutboundRefusedError(what, 'its schema is asynchronous');
  };
}
