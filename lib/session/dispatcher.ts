/**
 * Runs the messages of one session in the order they came, and has them answered.
 *
 * Theory of operation. A message takes a slot when its handler is called; there are `concurrency` slots. A
 * handler that returns a value gives its slot back at once, so that the usual message is decoded, run and
 * answered within one call, without a promise, a queue or a map. Everything else becomes an `OpenRequest`: it
 * waits for a slot, holds it while its promise is pending, or streams, which holds none. What waits is
 * weighed; when it gets too heavy the transport stops reading. A request whose time is up is answered and
 * loses its slot, as does one that was cancelled; whatever its handler comes to later is thrown away.
 */
import { tellLimit } from '../diagnostics/tell-limit.js';
import {
  CANCEL_EVENT,
  type ClientMessage,
  type ExceptionData,
  MalformedMessage,
  type MessageId,
  RESERVED_PREFIX,
} from '../protocol/envelope/index.js';
import { Answers } from './answers.js';
import type { DeadlineOwner } from './deadlines.js';
import type { DispatchingSession } from './dispatching-session.js';
import {
  badMessage,
  idInUse,
  timedOut,
  tooManyMessages,
  tooManyRequests,
  unknownEvent,
} from './exceptions.js';
import type { MessageHandler, SessionHost } from './message-handler.js';
import { MessageRate } from './message-rate.js';
import { OpenRequest } from './open-request.js';
import { OpenRequests } from './open-requests.js';
import { OpenStreams } from './open-streams.js';
import type { Outbound } from './outbound.js';
import { discard, isStream, isThenable } from './result.js';
import { runHandler } from './run-handler.js';
import { WaitingRequests } from './waiting-requests.js';

/** What a message weighs beyond its text while it waits. */
const OVERHEAD_BYTES = 64;

export class Dispatcher implements DeadlineOwner<OpenRequest> {
  private running = 0;
  private ended = false;
  private readonly answers: Answers;
  private readonly rate: MessageRate | undefined;
  // what most sessions never need is made when they do
  private open: OpenRequests | undefined;
  private waiting: WaitingRequests | undefined;
  private streams: OpenStreams | undefined;
  private onFinished: (() => void) | undefined;

  constructor(
    private readonly session: DispatchingSession,
    private readonly host: SessionHost,
    private readonly outbound: Outbound,
  ) {
    const { messagesPerSecond } = host.limits;
    this.answers = new Answers(outbound, host, session);
    if (Number.isFinite(messagesPerSecond)) this.rate = new MessageRate(messagesPerSecond, host.now);
  }

  receive(data: string | Uint8Array): void {
    if (this.ended) return;
    const message = this.host.codec.decode(data);
    if (this.rate !== undefined && this.isTooFast(this.rate, message)) return;
    if (message instanceof MalformedMessage) {
      return this.answers.refuse(message.id, badMessage(message.reason));
    }
    const handler = this.host.findHandler(message.event);
    if (handler === undefined) return this.receiveUnhandled(message);
    if (this.open !== undefined && this.isRefused(this.open, message.id)) return;
    if (this.running < this.host.concurrency && !this.isAnyWaiting) return this.run(handler, message);
    this.wait(new OpenRequest(handler, message, data.length + OVERHEAD_BYTES));
  }

  /** What is the library's own, such as a cancel, counts but is not refused: it frees more than it costs. */
  private isTooFast(rate: MessageRate, message: ClientMessage | MalformedMessage): boolean {
    const verdict = rate.next();
    if (verdict === 'close') this.session.tooManyMessages();
    if (verdict !== 'refuse') return verdict === 'close';
    if ('event' in message && message.event.startsWith(RESERVED_PREFIX)) return false;
    tellLimit('messagesPerSecond', this.session.id);
    this.answers.exception(message.id, tooManyMessages(rate.perSecond));
    return true;
  }

  private isRefused(open: OpenRequests, id: MessageId | undefined): boolean {
    const { openRequests } = this.host.limits;
    const isUsed = id !== undefined && open.find(id) !== undefined;
    if (isUsed) this.answers.exception(undefined, idInUse(id));
    else if (open.size >= openRequests) this.refuseRequest(id, openRequests);
    else return false;
    return true;
  }

  private refuseRequest(id: MessageId | undefined, limit: number): void {
    tellLimit('openRequests', this.session.id);
    this.answers.exception(id, tooManyRequests(limit));
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
    if (this.open !== undefined && this.isRefused(this.open, id)) return;
    this.run(control, message);
  }

  /** Does not wait for a slot: what it cancels may be holding the last one. */
  private cancel({ id }: ClientMessage): void {
    if (id === undefined) return this.answers.refuse(id, badMessage('nestwire:cancel needs an id'));
    const request = this.open?.find(id);
    if (request === undefined) return; // its answer and the cancel have crossed
    this.forget(request);
    request.cancel();
    this.streams?.stop(request);
  }

  private run(handler: MessageHandler, message: ClientMessage, waited?: OpenRequest): void {
    const request = waited ?? (handler.usesSignal ? this.remember(handler, message) : undefined);
    const signal = handler.usesSignal ? request!.signal : undefined;
    let result: unknown;
    try {
      result = runHandler(this.session, this.host, handler, message, signal);
      if (!isThenable(result) && !isStream(result)) {
        this.answers.reply(message, result);
        if (request) this.forget(request);
        return;
      }
    } catch (error) {
      return this.explain(request ?? this.remember(handler, message), error);
    }
    const opened = request ?? this.remember(handler, message);
    if (isThenable(result)) this.hold(opened, result);
    else this.stream(opened, result);
  }

  private remember(handler: MessageHandler, message: ClientMessage): OpenRequest {
    return this.add(new OpenRequest(handler, message, 0));
  }

  private add(request: OpenRequest): OpenRequest {
    (this.open ??= new OpenRequests()).add(request);
    return request;
  }

  private forget(request: OpenRequest): void {
    this.open?.delete(request);
  }

  private wait(request: OpenRequest): void {
    this.waiting ??= new WaitingRequests(this.host.limits, this.session);
    this.waiting.add(this.add(request));
  }

  /** Keeps a slot until the promise has settled, or the time is up. */
  private hold(request: OpenRequest, result: PromiseLike<unknown>): void {
    this.takeSlot(request);
    Promise.resolve(result).then(
      (value) => this.release(request, () => this.settled(request, value)),
      (error: unknown) => this.release(request, () => this.rejected(request, error)),
    );
  }

  private takeSlot(request: OpenRequest): void {
    this.running++;
    request.holdsSlot = true;
    this.host.deadlines?.start(request, this);
  }

  private release(request: OpenRequest, settle: () => void): void {
    this.freeSlot(request);
    settle();
    this.goOn();
  }

  private goOn(): void {
    this.runWaiting();
    if (this.onFinished !== undefined && !this.isBusy) this.onFinished();
  }

  private get isBusy(): boolean {
    return !this.ended && (this.running > 0 || this.isAnyWaiting);
  }

  /** Settles when nothing runs or waits; undefined: nothing does. What streams is not waited for. */
  finished(): Promise<void> | undefined {
    if (!this.isBusy) return undefined;
    return new Promise((resolve) => (this.onFinished = resolve));
  }

  /** The events of what runs or waits; each as often as it does. */
  get unfinished(): string[] {
    return this.isBusy ? (this.open?.unfinished ?? []) : [];
  }

  private freeSlot(request: OpenRequest): void {
    if (!request.holdsSlot) return; // it has expired
    this.running--;
    request.holdsSlot = false;
    this.host.deadlines?.stop(request);
  }

  /** The time of a request is up, wanted or not. */
  expired(request: OpenRequest, limitMs: number): void {
    this.freeSlot(request);
    tellLimit('messageMs', this.session.id);
    if (!this.isUnwanted(request)) {
      this.forget(request);
      request.cancel();
      this.answers.exception(request.message.id, timedOut(limitMs));
    }
    this.goOn();
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

  private rejected(request: OpenRequest, error: unknown): void {
    if (!request.isAbort(error)) this.explain(request, error);
  }

  private isUnwanted(request: OpenRequest): boolean {
    return this.ended || request.cancelled;
  }

  private stream(request: OpenRequest, source: Parameters<OpenStreams['start']>[1]): void {
    this.streams ??= new OpenStreams(this.host.limits.streams, this.outbound, this.host);
    request.isStreaming = true;
    this.streams.start(request, source, {
      ended: () => this.forget(request),
      refused: (data) => {
        tellLimit('streams', this.session.id);
        this.fail(request, data);
      },
      failed: (error) => this.explain(request, error),
    });
  }

  /** What filters make of an error may take its time, and then holds the slot like the handler did. */
  private explain(request: OpenRequest, error: unknown): void {
    const { data, event } = request.message;
    const explained = request.handler.explain(error, this.session, data, event);
    if (!(explained instanceof Promise)) return this.fail(request, explained);
    this.takeSlot(request);
    explained.then(
      (settled) => this.release(request, () => this.fail(request, settled)),
      (failure: unknown) => this.release(request, () => this.host.report(failure, 'an exception filter')),
    );
  }

  private fail(request: OpenRequest, data: ExceptionData): void {
    this.forget(request);
    if (!this.isUnwanted(request)) this.answers.exception(request.message.id, data);
  }

  /** Nothing runs or streams from now on. */
  end(): void {
    this.ended = true;
    const { open } = this;
    this.open = undefined;
    this.waiting = undefined;
    this.streams?.stopAll();
    open?.cancelAll();
    this.onFinished?.();
  }
}
