import { RESERVED_PREFIX } from '../protocol/envelope/index.js';
import type { Overflow } from '../session/index.js';
import type { HistoryBounds } from './broker.js';
import { InvalidChannelOptionsError } from './errors.js';

/** How a channel behaves; declared once. */
export interface ChannelOptions {
  /** The event under which sessions that joined get its publications. Default `message`. */
  readonly event?: string;
  /** What is kept for those who come later. Default nothing; `{}` keeps 100 publications or 1 MiB. */
  readonly history?: HistoryOptions;
  /** For sessions that read too slowly. Default `buffer`: they are closed with 4413. */
  readonly overflow?: Overflow;
}

export interface HistoryOptions {
  /** Publications kept. Default 100. */
  readonly size?: number;
  /** Bytes kept, of JSON. Default 1 MiB. */
  readonly bytes?: number;
  /** How long a publication is kept. Default without limit. */
  readonly ageMs?: number;
}

/** Options with the defaults filled in. */
export interface ResolvedChannelOptions {
  readonly event: string;
  readonly history: HistoryBounds | undefined;
  readonly overflow: Overflow;
}

const DEFAULT_HISTORY: HistoryBounds = { size: 100, bytes: 1024 * 1024, ageMs: Number.POSITIVE_INFINITY };

/** @throws InvalidChannelOptionsError for bounds that are not positive numbers, and for a reserved event */
export function resolveChannelOptions(options: ChannelOptions = {}): ResolvedChannelOptions {
  const { event = 'message' } = options;
  if (event.startsWith(RESERVED_PREFIX)) {
    throw new InvalidChannelOptionsError(`the event "${event}" has a name that is reserved`);
  }
  return {
    event,
    history: options.history && resolveHistory(options.history),
    overflow: options.overflow ?? 'buffer',
  };
}

function resolveHistory(options: HistoryOptions): HistoryBounds {
  for (const [name, value] of Object.entries(options)) {
    if (!(typeof value === 'number' && value > 0)) {
      throw new InvalidChannelOptionsError(`history ${name} must be a positive number, not ${String(value)}`);
    }
  }
  return { ...DEFAULT_HISTORY, ...options };
}

export function areSameOptions(a: ResolvedChannelOptions, b: ResolvedChannelOptions): boolean {
  return a.event === b.event && a.overflow === b.overflow && areSameBounds(a.history, b.history);
}

function areSameBounds(a: HistoryBounds | undefined, b: HistoryBounds | undefined): boolean {
  return a?.size === b?.size && a?.bytes === b?.bytes && a?.ageMs === b?.ageMs;
}
