/**
 * The event interface of the WHATWG `WebSocket` (`onmessage`, `addEventListener`) on top of an EventEmitter,
 * for code that is written for browsers. Costs nothing where it isn't used.
 */
import { EventEmitter } from 'node:events';
import type { WebSocketEventMap } from './websocket-types.js';
import type { BinaryType } from './payload.js';

/** As in browsers; Node has it as a global only from version 23 on. */
export class CloseEvent extends Event {
  constructor(
    readonly code: number,
    readonly reason: string,
    readonly wasClean: boolean,
  ) {
    super('close');
  }
}

export class ErrorEvent extends Event {
  readonly message: string;

  constructor(readonly error: Error) {
    super('error');
    this.message = error.message;
  }
}

/** Events by name. Data of a message: a string, or binary data as `binaryType` says. */
export interface WebSocketEvents {
  open: Event;
  message: MessageEvent;
  close: CloseEvent;
  error: ErrorEvent;
}

type EventName = keyof WebSocketEvents;
type Handler<K extends EventName> = (event: WebSocketEvents[K]) => void;

export type EventListenerOf<K extends EventName> =
  Handler<K> | { handleEvent(event: WebSocketEvents[K]): void };

type AnyListener = ((event: Event) => void) | { handleEvent(event: Event): void };

const kOriginal = Symbol('listener');
const kHandler = Symbol('handler');
type Wrapped = ((...args: unknown[]) => void) & { [kOriginal]?: unknown; [kHandler]?: boolean };

export abstract class WebSocketEventTarget extends EventEmitter<WebSocketEventMap> {
  /** How binary messages come: as `nodebuffer` (default), `arraybuffer`, `fragments` (`Buffer[]`) or `blob`. */
  binaryType: BinaryType = 'nodebuffer';
  /** Whether the connection has ended with both close frames exchanged. */
  abstract readonly wasClean: boolean;

  /** Adds a listener as browsers have it; the same one for the same event only once. */
  addEventListener<K extends EventName>(
    type: K,
    listener: EventListenerOf<K>,
    options?: { readonly once?: boolean },
  ): void {
    if (this.wrapped(type).some((known) => known[kOriginal] === listener && !known[kHandler])) return;
    this.listen(type, listener as AnyListener, options?.once ?? false, false);
  }

  removeEventListener<K extends EventName>(type: K, listener: EventListenerOf<K>): void {
    this.unlisten(type, (known) => known[kOriginal] === listener && !known[kHandler]);
  }

  get onopen(): Handler<'open'> | null {
    return this.handler('open');
  }
  set onopen(handler: Handler<'open'> | null) {
    this.setHandler('open', handler);
  }

  get onmessage(): Handler<'message'> | null {
    return this.handler('message');
  }
  set onmessage(handler: Handler<'message'> | null) {
    this.setHandler('message', handler);
  }

  get onclose(): Handler<'close'> | null {
    return this.handler('close');
  }
  set onclose(handler: Handler<'close'> | null) {
    this.setHandler('close', handler);
  }

  get onerror(): Handler<'error'> | null {
    return this.handler('error');
  }
  set onerror(handler: Handler<'error'> | null) {
    this.setHandler('error', handler);
  }

  private handler<K extends EventName>(type: K): Handler<K> | null {
    return (this.wrapped(type).find((known) => known[kHandler])?.[kOriginal] ?? null) as Handler<K> | null;
  }

  private setHandler<K extends EventName>(type: K, handler: Handler<K> | null): void {
    this.unlisten(type, (known) => known[kHandler] === true);
    if (typeof handler === 'function') this.listen(type, handler as AnyListener, false, true);
  }

  private listen(type: EventName, listener: AnyListener, once: boolean, isHandler: boolean): void {
    const wrapped: Wrapped = (...args) => this.dispatch(listener, this.targeted(this.makeEvent(type, args)));
    wrapped[kOriginal] = listener;
    wrapped[kHandler] = isHandler;
    if (once) this.once(type, wrapped);
    else this.on(type, wrapped);
  }

  private unlisten(type: EventName, isMeant: (known: Wrapped) => boolean): void {
    for (const known of this.wrapped(type)) if (isMeant(known)) this.removeListener(type, known);
  }

  private wrapped(type: EventName): Wrapped[] {
    return (this.listeners(type) as Wrapped[]).filter((listener) => kOriginal in listener);
  }

  private dispatch(listener: AnyListener, event: Event): void {
    if (typeof listener === 'function') listener.call(this, event);
    else listener.handleEvent(event);
  }

  /** Node sets the target of an event only when its own EventTarget dispatches it. */
  private targeted(event: Event): Event {
    const target = { value: this, enumerable: true };
    return Object.defineProperties(event, { target, currentTarget: target });
  }

  private makeEvent(type: EventName, args: unknown[]): Event {
    if (type === 'open') return new Event('open');
    if (type === 'error') return new ErrorEvent(args[0] as Error);
    if (type === 'close') return new CloseEvent(args[0] as number, String(args[1]), this.wasClean);
    const [data, isBinary] = args as [Buffer, boolean];
    return new MessageEvent('message', { data: this.messageData(data, isBinary) });
  }

  /** WHATWG WebSockets §4: text as a string, binary as `binaryType` says. */
  private messageData(data: Buffer, isBinary: boolean): unknown {
    if (!isBinary) return data.toString();
    return this.binaryType === 'blob' ? new Blob([data]) : data;
  }
}
