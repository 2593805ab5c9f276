import { RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

/** Where topics are subscribed: connections that are used for nothing else. */
export interface Lines {
  readonly isUp: boolean;
  /** @returns whether topics can be subscribed now; if not, `ready` will be called */
  start(): boolean;
  /** Settles when the topic is subscribed. @returns tells whether it still is */
  subscribe(topic: string): Promise<() => boolean>;
  unsubscribe(topic: string): void;
  close(): Promise<void>;
}

export interface LineEvents {
  message(topic: string, text: string): void;
  /** Every topic is to be subscribed. */
  ready(): void;
  /** Topics, all or some, are subscribed no more. With `again` it may be tried at once, else `ready` will follow. */
  lost(topics: Iterable<string> | undefined, again: boolean): void;
}

/** One connection, that comes back by itself. */
export class SingleLine implements Lines {
  private readonly connection: RedisConnection;

  constructor(options: ResolvedRedisOptions, events: LineEvents) {
    this.connection = new RedisConnection('subscriptions', options);
    this.connection.onReady(() => events.ready());
    this.connection.onLost(() => events.lost(undefined, false));
    this.connection.client.on('message', (topic: string, text: string) => events.message(topic, text));
  }

  get isUp(): boolean {
    return this.connection.isUp;
  }

  start(): boolean {
    this.connection.start();
    return this.connection.isReady;
  }

  async subscribe(topic: string): Promise<() => boolean> {
    await this.connection.client.subscribe(topic);
    return () => true; // what is lost is told
  }

  unsubscribe(topic: string): void {
    if (this.connection.isReady) this.connection.client.unsubscribe(topic).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
