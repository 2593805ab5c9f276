/**
 * Runs the messages of one session in the order they came, and has them answered.
 *
 * Theory of operation. A message takes a slot when its handler is called; there are `concurrency` slots. A
 * handler that returns a value gives its slot back at once, so that the usual message is decoded, run and
 * answered within one call, without a promise, a queue or a map. Everything else becomes an `OpenRequest`: it
 * waits for a slot, holds it while its promise is pending, or streams, which holds none. What waits is
 * weighed; when it gets too heavy the transport stops reading.
 */
import {
  CANCEL_EVENT,
  type ClientMessage,
  type ExceptionData,
  MalformedMessage,
  type MessageId,
  RESERVED_PREFIX,
  decodeClientMessage,
} from '../protocol/envelope/index.js';
import { Answers, type AnswersOwner } from './answers.js';
import { badMessage, idInUse, unknownEvent } from './exceptions.js';
import type { GatewaySession } from './gateway-session.js';
import type { MessageHandler, SessionHost } from './message-handler.js';
import { OpenRequest } from './open-request.js';
import { OpenStreams } from './open-streams.js';
import type { Outbound } from './outbound.js';
import { discard, isStream, isThenable } from './result.js';
import { type ReadControl, WaitingRequests } from './waiting-requests.js';

/** What a message weighs beyond its text while it waits. */
const OVERHEAD_BYTES = 64;

/** The session, as its dispatcher knows it. */
export interface DispatchingSession extends GatewaySession, AnswersOwner, ReadControl {
  /**
   * A message with a reserved name.
   * @returns false when the session has no use for it
   */
  control?(message: ClientMessage): boolean;
}

export class Dispatcher {
  private running = 0;
  private ended = false;
  private readonly answers: Answers;
  // what most sessions never need is made when they do
  private openById: Map<MessageId, OpenRequest> | undefined;
  private waiting: WaitingRequests | undefined;
  private streams: OpenStreams | undefined;

  constructor(
    private readonly session: DispatchingSession,
    private readonly host: SessionHost,
    private readonly outbound: Outbound,
  ) {
    this.answers = new Answers(outbound, host.limits.badMessages, session);
  }

  receive(data: string | Uint8Array): void {
    if (this.ended) return;
    if (typeof data !== 'string') {
      return this.answers.refuse(undefined, badMessage('binary messages are not understood here'));
    }
    const message = decodeClientMessage(data);
    if (message instanceof MalformedMessage) {
      return this.answers.refuse(message.id, badMessage(message.reason));
    }
    const handler = this.host.findHandler(message.event);
    if (handler === undefined) return this.receiveUnhandled(message);
    if (message.id !== undefined && this.openById?.has(message.id)) {
      return this.answers.exception(undefined, idInUse(message.id));
    }
    if (this.running < this.host.concurrency && !this.isAnyWaiting) return this.run(handler, message);
    this.wait(new OpenRequest(handler, message, data.length + OVERHEAD_BYTES));
  }

  private get isAnyWaiting(): boolean {
    return this.waiting !== undefined && !this.waiting.isEmpty;
  }

  private receiveUnhandled(message: ClientMessage): void {
    const { event, id } = message;
    if (event.startsWith(RESERVED_PREFIX) && this.session.control?.(message)) return;
    if (event === CANCEL_EVENT) return this.cancel(message);
    const control = this.host.findControl?.(event);
    if (!control) return this.answers.refuse(id, unknownEvent(event));
    if (id !== undefined && this.openById?.has(id)) return this.answers.exception(undefined, idInUse(id));
    this.run(control, message);
  }

  /** Does not wait for a slot: what it cancels may be holding the last one. */
  private cancel({ id }: ClientMessage): void {
    if (id === undefined) return this.answers.refuse(id, badMessage('nestwire:cancel needs an id'));
    const request = this.openById?.get(id);
    if (request === undefined) return; // its answer and the cancel have crossed
    request.cancelled = true;
    this.forget(request);
    this.streams?.stop(request);
  }

  private run(handler: MessageHandler, message: ClientMessage, request?: OpenRequest): void {
    let result: unknown;
    try {
      result = handler.run(this.session, message.data, message.event);
      if (!isThenable(result) && !isStream(result)) {
        this.answers.reply(message, result);
        if (request) this.forget(request);
        return;
      }
    } catch (error) {
      return this.explain(request ?? this.open(handler, message), error);
    }
    const opened = request ?? this.open(handler, message);
    if (isThenable(result)) this.hold(opened, result);
    else this.stream(opened, result);
  }

  private open(handler: MessageHandler, message: ClientMessage): OpenRequest {
    return this.remember(new OpenRequest(handler, message, 0));
  }

  private remember(request: OpenRequest): OpenRequest {
    const { id } = request.message;
    if (id !== undefined) (this.openById ??= new Map()).set(id, request);
    return request;
  }

  /** The id may belong to another request by now: a cancelled one gives it back before it is over. */
  private forget(request: OpenRequest): void {
    const { id } = request.message;
    if (id !== undefined && this.openById?.get(id) === request) this.openById.delete(id);
  }

  private wait(request: OpenRequest): void {
    this.waiting ??= new WaitingRequests(this.host.limits.inboundBytes, this.session);
    this.waiting.add(this.remember(request));
  }

  /** Keeps a slot until the promise has settled. */
  private hold(request: OpenRequest, result: PromiseLike<unknown>): void {
    this.running++;
    Promise.resolve(result).then(
      (value) => this.release(() => this.settled(request, value)),
      (error: unknown) => this.release(() => this.explain(request, error)),
    );
  }

  private release(settle: () => void): void {
    this.running--;
    settle();
    this.runWaiting();
  }

  private runWaiting(): void {
    while (!this.ended && this.running < this.host.concurrency) {
      const request = this.waiting?.take();
      if (request === undefined) return;
      if (!request.cancelled) this.run(request.handler, request.message, request);
    }
  }

  private settled(request: OpenRequest, value: unknown): void {
    if (this.isUnwanted(request)) return discard(value);
    if (isStream(value)) return this.stream(request, value);
    try {
      this.answers.reply(request.message, value);
    } catch (error) {
      return this.explain(request, error);
    }
    this.forget(request);
  }

  private isUnwanted(request: OpenRequest): boolean {
    return this.ended || request.cancelled;
  }

  private stream(request: OpenRequest, source: Parameters<OpenStreams['start']>[1]): void {
    this.streams ??= new OpenStreams(this.host.limits.streams, this.outbound, this.host);
    this.streams.start(request, source, {
      ended: () => this.forget(request),
      refused: (data) => this.fail(request, data),
      failed: (error) => this.explain(request, error),
    });
  }

  /** What filters make of an error may take its time, and then holds the slot like the handler did. */
  private explain(request: OpenRequest, error: unknown): void {
    const { data, event } = request.message;
    const explained = request.handler.explain(error, this.session, data, event);
    if (!(explained instanceof Promise)) return this.fail(request, explained);
    this.running++;
    explained.then(
      (settled) => this.release(() => this.fail(request, settled)),
      (failure: unknown) => this.release(() => this.host.report(failure, 'an exception filter')),
    );
  }

  private fail(request: OpenRequest, data: ExceptionData): void {
    this.forget(request);
    if (!this.isUnwanted(request)) this.answers.exception(request.message.id, data);
  }

  /** Nothing runs or streams from now on. */
  end(): void {
    this.ended = true;
    this.openById = undefined;
    this.waiting = undefined;
    this.streams?.stopAll();
  }
}
