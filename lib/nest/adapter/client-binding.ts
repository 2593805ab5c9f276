/**
 * What the gateways of one path have bound to one client. Nest binds the handlers of each gateway by itself;
 * here they are merged, so that a message is read once and a client has one listener for each event, however
 * many gateways there are.
 */
import type { EventEmitter } from 'node:events';
import { Logger, type WsMessageHandler } from '@nestjs/common';
import { type Observer, Subscription } from 'rxjs';
import type { CloseDetails } from '../../session/index.js';
import { CloseCode, WebSocket } from '../../transport/websocket/index.js';
import type { MessageReader } from './message-reader.js';
import { Subscriber, type Transform } from './subscriber.js';

const logger = new Logger('NestwireAdapter');
/** What `BaseWsExceptionFilter` tells about an error that is not made for clients. */
const FAILED = JSON.stringify({
  event: 'exception',
  data: { status: 'error', message: 'Internal server error' },
});

/** Clients whose `handleConnection` failed: nothing that they sent meanwhile is handled. */
const refused = new WeakSet<WebSocket>();

export function refuseClient(client: WebSocket): void {
  refused.add(client);
  client.close(CloseCode.internalError);
}

export class ClientBinding {
  private readonly subscribers = new Map<unknown, Subscriber[]>();
  private readonly leavers: ((details: CloseDetails) => void)[] = [];
  private readonly results = new Subscription();
  /** One for all results: no closures a message. */
  private readonly observer: Partial<Observer<unknown>> = {
    next: (result) => this.answer(result),
    error: (error: unknown) => logger.error(error),
  };
  private isGone = false;
  private onFinished: (() => void) | undefined;
  private readonly settled = (): void => {
    if (this.onFinished && this.unfinished.length === 0) this.onFinished();
  };

  constructor(
    private readonly client: WebSocket,
    private readonly reader: MessageReader,
  ) {
    client.on('message', (data, isBinary) => this.receive(data, isBinary));
    // the filters of Nest 11 tell clients so, as if they were those of socket.io
    const emitter: EventEmitter = client;
    emitter.on('exception', (data: unknown) => this.answer({ event: 'exception', data }));
    client.once('close', (code, reason) =>
      this.leave({ code, reason: String(reason), clean: client.wasClean }),
    );
  }

  /** Handlers of one gateway; of those for the same event the last counts. */
  addHandlers(handlers: readonly WsMessageHandler<unknown>[], transform: Transform): void {
    const own = new Map(handlers.map(({ message, callback }) => [message, callback]));
    for (const [message, callback] of own) {
      const subscriber = new Subscriber(callback, transform, this.settled);
      this.subscribers.set(message, [...(this.subscribers.get(message) ?? []), subscriber]);
    }
  }

  onLeave(callback: (details: CloseDetails) => void): void {
    this.leavers.push(callback);
  }

  /** The events of its handlers that run now. */
  get unfinished(): string[] {
    return [...this.subscribers].flatMap(([event, subscribers]) =>
      subscribers.flatMap(({ running }) => Array<string>(running).fill(String(event))),
    );
  }

  /** Settles when no handler runs any more, or the client is gone; undefined: none runs now. */
  finished(): Promise<void> | undefined {
    if (this.isGone || this.unfinished.length === 0) return undefined;
    return new Promise((resolve) => (this.onFinished = resolve));
  }

  private receive(data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void {
    if (refused.has(this.client)) return;
    const message = this.reader.read(data, isBinary);
    const subscribers = message && this.subscribers.get(message.event);
    if (subscribers) for (const subscriber of subscribers) this.run(subscriber, message);
  }

  private run(subscriber: Subscriber, { data, event }: { data?: unknown; event: unknown }): void {
    try {
      this.results.add(subscriber.run(data, event).subscribe(this.observer));
    } catch (error) {
      logger.error(error);
    }
  }

  private answer(result: unknown): void {
    if (result === undefined || result === null || this.client.readyState !== WebSocket.OPEN) return;
    this.client.send(toJson(result));
  }

  private leave(details: CloseDetails): void {
    this.isGone = true;
    this.onFinished?.();
    this.results.unsubscribe();
    for (const leaver of this.leavers) leaver(details);
  }
}

/** A cycle, a BigInt or a function is the application's mistake, which must not end the process. */
function toJson(result: unknown): string {
  try {
    const text = JSON.stringify(result) as string | undefined;
    if (text !== undefined) return text;
    throw new TypeError(`a result of type ${typeof result} is no JSON`);
  } catch (error) {
    logger.error(error);
    return FAILED;
  }
}
