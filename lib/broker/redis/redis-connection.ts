/**
 * One connection to Redis that comes back for ever. ioredis is told to keep nothing: what was sent when the
 * connection was lost fails, so that nothing is published twice, and what comes while there is none waits here,
 * for all an outage at most `timeoutMs`.
 */
import { channel } from 'node:diagnostics_channel';
import type { Cluster, Redis } from 'ioredis';
import { reasonOf, unavailable } from './errors.js';
import type { ClientSettings, Connect, RedisClient } from './connect.js';
import type { ResolvedRedisOptions } from './resolve-options.js';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** How long the process may have to wait for a socket that was ended. */
const LEAVE_MS = 500;
const states = channel('nestwire:broker');

/** Doubles, with jitter: the nodes of an application do not all come at once. */
export function backOffMs(attempt: number): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LAST_RETRY_MS);
  return longest / 2 + (Math.random() * longest) / 2;
}

/** What it is for, as it is told. */
export type ConnectionRole = 'commands' | 'subscriptions' | 'mailboxes';

/** The time from when there is no connection until there is one. */
interface Outage {
  readonly ended: Promise<void>;
  end(): void;
}

export class RedisConnection {
  /** Private to the language: who prints the options of a module does not print credentials. */
  readonly #client: RedisClient;
  private heartbeat: NodeJS.Timeout | undefined;
  private outage: Outage | undefined;
  private isClosed = false;
  private reason = 'not connected yet';

  constructor(
    private readonly role: ConnectionRole,
    private readonly options: ResolvedRedisOptions,
    connect: Connect = options.connect,
  ) {
    this.#client = connect(settingsOf(options));
    this.#client.on('ready', () => {
      this.tell('ready');
      // after all who listen
      queueMicrotask(() => this.outage?.end());
    });
    this.#client.on('close', () => this.lost());
    for (const event of ['error', 'node error']) {
      this.#client.on(event, (error: unknown) => (this.reason = reasonOf(error)));
    }
  }

  /** Nothing is connected before somebody needs it. Calling again does nothing. */
  start(): void {
    if (this.heartbeat) return;
    this.beginOutage();
    // a connection that says nothing is not seen to be dead
    this.heartbeat = setInterval(() => this.ping(), this.options.timeoutMs).unref();
    this.#client.connect().catch(() => undefined);
  }

  get client(): RedisClient {
    return this.#client;
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  /** Connects, if nobody has needed it yet. */
  get isUp(): boolean {
    if (this.isClosed) return false;
    this.start();
    return this.isReady;
  }

  /** @throws BrokerUnavailableError when it has been away for `timeoutMs` */
  whenReady(): Promise<void> {
    this.start();
    return this.outage?.ended ?? Promise.resolve();
  }

  /** Calls back whenever the connection stands, before anybody else uses it. */
  onReady(listener: () => void): void {
    this.#client.on('ready', listener);
  }

  onLost(listener: () => void): void {
    this.#client.on('close', listener);
  }

  private lost(): void {
    if (!this.outage) this.tell('lost');
    this.beginOutage();
  }

  private tell(state: 'ready' | 'lost'): void {
    const { role, reason } = this;
    if (states.hasSubscribers) states.publish(state === 'lost' ? { state, role, reason } : { state, role });
  }

  private beginOutage(): void {
    if (this.outage) return;
    const { timeoutMs } = this.options;
    const { promise, resolve, reject } = deferred();
    const giveUp = (): void => reject(unavailable(`no connection for ${timeoutMs} ms (${this.reason})`));
    const timer = setTimeout(giveUp, timeoutMs).unref();
    const end = (): void => {
      clearTimeout(timer);
      this.outage = undefined;
      resolve();
    };
    promise.catch(() => undefined); // nobody may be waiting
    this.outage = { ended: promise, end };
  }

  private ping(): void {
    const client = this.#client;
    const nodes = client.isCluster ? (client as Cluster).nodes() : [client as Redis];
    for (const node of nodes) if (node.status === 'ready') node.ping().catch(() => undefined);
  }

  /** Waits for what was sent, at most `timeoutMs`. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    if (this.isReady) await this.#client.quit().catch(() => undefined);
    this.#client.disconnect();
    this.outage?.end();
  }
}

function settingsOf({ timeoutMs }: ResolvedRedisOptions): ClientSettings {
  return {
    connectTimeout: timeoutMs,
    disconnectTimeout: LEAVE_MS,
    lazyConnect: true,
    protocol: 2,
    replyMapping: 'legacy',
    socketTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: backOffMs,
    // a master that became a replica: its successor may be found at the same address
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
