import { type ConnectionRole, RedisConnection } from './redis-connection.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

export type LineRole = Exclude<ConnectionRole, 'commands'>;

/** Where topics are subscribed: connections that are used for nothing else. */
export interface Lines {
  readonly isUp: boolean;
  /** @returns whether topics can be subscribed now; if not, `ready` will be called */
  start(): boolean;
  /** Settles when there is a connection. @throws BrokerUnavailableError (rejects) when there was none for too long */
  whenReady(): Promise<void>;
  /** Settles when the topic is subscribed. @returns tells whether it still is */
  subscribe(topic: string): Promise<() => boolean>;
  unsubscribe(topic: string): void;
  close(): Promise<void>;
}

export interface LineEvents {
  message(topic: string, bytes: Buffer): void;
  /** Every topic is to be subscribed. */
  ready(): void;
  /** Topics, all or some, are subscribed no more. With `again` it may be tried at once, else `ready` will follow. */
  lost(topics: Iterable<string> | undefined, again: boolean): void;
}

/** One connection, that comes back by itself. */
export class SingleLine implements Lines {
  private readonly connection: RedisConnection;

  constructor(role: LineRole, options: ResolvedRedisOptions, events: LineEvents) {
    this.connection = new RedisConnection(role, options);
    this.connection.onReady(() => events.ready());
    this.connection.onLost(() => events.lost(undefined, false));
    this.connection.client.on('messageBuffer', (topic: Buffer, bytes: Buffer) =>
      events.message(topic.toString(), bytes),
    );
  }

  get isUp(): boolean {
    return this.connection.isUp;
  }

  start(): boolean {
    this.connection.start();
    return this.connection.isReady;
  }

  whenReady(): Promise<void> {
    return this.connection.whenReady();
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
