import type { HistoryOptions } from '../../channel/index.js';
import { LONGEST_TIMER_MS } from '../../errors/index.js';
import type { Overflow } from '../../session/index.js';
import { InvalidSseOptionsError } from './errors.js';

/** `eventStreams` of `NestwireModule.forRoot`: what holds for all `@SseEndpoint`s. */
export interface EventStreamSettings {
  /** A comment goes out once in so long. Default 15,000 ms. */
  readonly heartbeatMs: number;
  /** What clients are told to wait before they reconnect. Default 3,000 ms; up to twice that at shutdown. */
  readonly retryMs: number;
  /** The longest that a long poll waits, whatever it asks for. Default 30,000 ms. */
  readonly maxWaitMs: number;
  /** Streams and waiting polls at a time in this process. Beyond: 503. Default without limit. */
  readonly maxStreams: number;
  /** The same for one client address, as the platform tells it (`request.ip`). Beyond: 429. Default without. */
  readonly maxStreamsPerAddress: number;
}

const DEFAULTS: EventStreamSettings = {
  heartbeatMs: 15_000,
  retryMs: 3_000,
  maxWaitMs: 30_000,
  maxStreams: Number.POSITIVE_INFINITY,
  maxStreamsPerAddress: Number.POSITIVE_INFINITY,
};

/** @throws InvalidSseOptionsError */
export function checkEndpoint({ retryMs = 0, replay }: SseEndpointOptions): void {
  if (!Number.isSafeInteger(retryMs) || retryMs < 0) {
    throw new InvalidSseOptionsError(`retryMs must be an integer of at least 0, not ${retryMs}`);
  }
  if (!replay) return;
  const { key, history, expiryMs, maxKeys } = replay;
  if (typeof key !== 'string' && typeof key !== 'function') {
    throw new InvalidSseOptionsError(`replay.key must be text or a function, not ${typeof key}`);
  }
  for (const [name, value] of Object.entries({ expiryMs, maxKeys, ...history })) {
    if (value !== undefined) checkPositive(`replay.${name}`, value);
  }
}

/** @throws InvalidSseOptionsError */
export function resolveSettings(given: Partial<EventStreamSettings> = {}): EventStreamSettings {
  const settings = { ...DEFAULTS, ...given };
  for (const [name, value] of Object.entries(settings)) checkPositive(`eventStreams.${name}`, value);
  if (!Number.isSafeInteger(settings.retryMs)) {
    throw new InvalidSseOptionsError(`eventStreams.retryMs must be an integer, not ${settings.retryMs}`);
  }
  return settings;
}

function checkPositive(name: string, value: unknown): void {
  if (!(typeof value === 'number' && value > 0)) {
    throw new InvalidSseOptionsError(`${name} must be a positive number, not ${String(value)}`);
  }
  if (name.endsWith('Ms') && value > LONGEST_TIMER_MS) {
    throw new InvalidSseOptionsError(`${name} of ${value} exceeds ${LONGEST_TIMER_MS}`);
  }
}

/** The request as Express and Fastify both have it. */
export interface SseRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly [property: string]: unknown;
}

/** Makes a plain stream into one with cursors, shared by all who ask for the same key. */
export interface ReplayOptions {
  /**
   * Who asks for the same key gets the same run of the method. It must contain everything that the items
   * depend on, the user too if they differ from user to user.
   */
  readonly key: string | ((request: SseRequest) => string);
  /** What is kept of each run. Default 100 items, or 1 MiB of JSON. */
  readonly history?: Pick<HistoryOptions, 'size' | 'bytes'>;
  /**
   * How long a run is remembered that nobody asks for. One that has not ended is ended then.
   * Default 300,000 ms.
   */
  readonly expiryMs?: number;
  /** Runs remembered at a time. Beyond: ended ones that nobody reads make way, else 503. Default 1,000. */
  readonly maxKeys?: number;
}

/** Of one `@SseEndpoint`. */
export interface SseEndpointOptions {
  /** Default GET, which is all that a browser's `EventSource` can do. */
  readonly method?: 'GET' | 'POST';
  /** For clients that read too slowly. Default `buffer`: they are cut off. */
  readonly overflow?: Overflow;
  /** Compresses the event stream for clients that accept gzip. Default false. */
  readonly compression?: boolean;
  /** What clients are told to wait before they reconnect, in ms. Default `eventStreams.retryMs`. */
  readonly retryMs?: number;
  /** Shares one run of the method among all who ask for the same key, with cursors, and lets it be polled. */
  readonly replay?: ReplayOptions;
}
