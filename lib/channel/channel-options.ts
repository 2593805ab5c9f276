import { RESERVED_PREFIX } from '../protocol/envelope/index.js';
import type { Overflow } from '../session/index.js';
import type { HistoryBounds } from './broker.js';
import { InvalidChannelOptionsError } from './errors.js';
import {
  type PresenceOptions,
  type ResolvedPresenceOptions,
  isSamePresence,
  resolvePresence,
} from './presence/index.js';

/** How a channel behaves; declared once. */
export interface ChannelOptions {
  /** The event under which sessions that joined get its publications. Default `message`. */
  readonly event?: string;
  /** What is kept for those who come later. Default nothing; `{}` keeps 100 publications or 1 MiB. */
  readonly history?: HistoryOptions;
  /** For sessions that read too slowly. Default `buffer`: they are closed with 4413. */
  readonly overflow?: Overflow;
  /** Who is in it is listed, and told to those who ask. Default: nobody is listed. */
  readonly presence?: true | PresenceOptions;
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
  readonly presence: ResolvedPresenceOptions | undefined;
}

const DEFAULT_HISTORY: HistoryBounds = { size: 100, bytes: 1024 * 1024, ageMs: Number.POSITIVE_INFINITY };

/** @throws InvalidChannelOptionsError for numbers out of range, and for a reserved event */
export function resolveChannelOptions(options: ChannelOptions = {}): ResolvedChannelOptions {
  const { event = 'message' } = options;
  if (event.startsWith(RESERVED_PREFIX)) {
    throw new InvalidChannelOptionsError(`the event "${event}" has a name that is reserved`);
  }
  return {
    event,
    history: options.history && resolveHistory(options.history),
    overflow: options.overflow ?? 'buffer',
    presence: options.presence && resolvePresence(options.presence),
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
  const isSameDelivery = a.event === b.event && a.overflow === b.overflow;
  return isSameDelivery && areSameBounds(a.history, b.history) && isSamePresence(a.presence, b.presence);
}

function areSameBounds(a: HistoryBounds | undefined, b: HistoryBounds | undefined): boolean {
  return a?.size === b?.size && a?.bytes === b?.bytes && a?.ageMs === b?.ageMs;
}
