import { isDeepStrictEqual } from 'node:util';
import { LONGEST_TIMER_MS } from '../../errors/index.js';
import { RESERVED_PREFIX } from '../../protocol/envelope/index.js';
import type { GatewaySession } from '../../session/index.js';
import { InvalidChannelOptionsError, InvalidPersonError } from '../errors.js';
import type { PresentPerson } from './broker-presence.js';

/** Whom a session belongs to. */
export interface Person {
  /** Sessions with the same key are one person: 1 to 255 bytes. */
  readonly key: string;
  /** What others are told about the person: whatever JSON can say. */
  readonly info?: unknown;
}

/** Who is listed as present in a channel, and who is told of it. */
export interface PresenceOptions {
  /**
   * Who a session is. Default: its principal (see `Sessions`), else `sub` or `id` of its user, else its own id,
   * and no info. Asked once, when the session joins.
   */
  readonly person?: (session: GatewaySession) => Person;
  /**
   * The event under which the sessions in the channel are told: who is there when they join, then who comes and
   * goes. Default: they are not told.
   */
  readonly event?: string;
  /** People listed, at most. Default 1,000. */
  readonly size?: number;
  /** Bytes of a person's info, as JSON, at most. Default 256. */
  readonly infoBytes?: number;
  /**
   * How long somebody whose last session is gone is still there, so that a reload or a lost connection is
   * nothing to tell, in ms. Default 2,000, at most 2,147,483,647.
   */
  readonly lingerMs?: number;
}

/** Options with the defaults filled in. */
export interface ResolvedPresenceOptions extends Required<Omit<PresenceOptions, 'person' | 'event'>> {
  readonly person: PresenceOptions['person'];
  readonly event: string | undefined;
}

const DEFAULTS = { size: 1_000, infoBytes: 256, lingerMs: 2_000 };
const MAX_KEY_BYTES = 255;

/** @throws InvalidChannelOptionsError */
export function resolvePresence(options: true | PresenceOptions): ResolvedPresenceOptions {
  const given = options === true ? {} : options;
  const resolved = { person: undefined, event: undefined, ...DEFAULTS, ...given };
  if (resolved.event?.startsWith(RESERVED_PREFIX)) {
    throw new InvalidChannelOptionsError(`the event "${resolved.event}" has a name that is reserved`);
  }
  for (const name of ['size', 'infoBytes', 'lingerMs'] as const) {
    const value = resolved[name];
    if (Number.isSafeInteger(value) && value >= (name === 'size' ? 1 : 0)) continue;
    throw new InvalidChannelOptionsError(`presence ${name} must be a whole number, not ${String(value)}`);
  }
  if (resolved.lingerMs > LONGEST_TIMER_MS) {
    throw new InvalidChannelOptionsError(
      `presence lingerMs of ${resolved.lingerMs} exceeds ${LONGEST_TIMER_MS}`,
    );
  }
  return resolved;
}

/** Functions are the same when they are one. */
export function isSamePresence(
  a: ResolvedPresenceOptions | undefined,
  b: ResolvedPresenceOptions | undefined,
): boolean {
  return isDeepStrictEqual(a, b);
}

/** @throws InvalidPersonError */
export function readPerson({ key, info }: Person, infoBytes: number): PresentPerson {
  const keyBytes = typeof key === 'string' ? Buffer.byteLength(key) : 0;
  if (keyBytes < 1 || keyBytes > MAX_KEY_BYTES) {
    throw new InvalidPersonError(`the key of a person is a string of 1 to ${MAX_KEY_BYTES} bytes`);
  }
  const json = (JSON.stringify(info) as string | undefined) ?? 'null';
  const bytes = Buffer.byteLength(json);
  if (bytes > infoBytes) {
    throw new InvalidPersonError(`the info of a person has ${bytes} bytes, which exceeds ${infoBytes}`);
  }
  // as it will be read again: without what UTF-8 and JSON can't say
  return { key: Buffer.from(key).toString(), info: JSON.parse(json) as unknown };
}
