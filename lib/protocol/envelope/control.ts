/**
 * Messages of the library's own between a resumable session and its client: `nestwire:` and a word. Neither
 * side counts them. (`nestwire:cancel` is one too; plain sessions understand that as well.)
 */
import type { ClientMessage } from './envelope.js';

/** To a client, first of all: `SessionData`. */
export const SESSION_EVENT = 'nestwire:session';

/** From a client that returns, first of all: `ResumeData`. */
export const RESUME_EVENT = 'nestwire:resume';

/** To a client: `ChannelStart`. */
export const JOINED_EVENT = 'nestwire:joined';

/** To a client: a hole, `ChannelStart` in a channel or `MissedMessages` among the session's own. */
export const GAP_EVENT = 'nestwire:gap';

/** From a client, whenever it likes: `{ received }`, what it got so far need not be kept for it. */
export const ACK_EVENT = 'nestwire:ack';

/** From a client: is anybody there? `{ received? }`, as in an ack. Answered by `nestwire:pong { received }`. */
export const PING_EVENT = 'nestwire:ping';
export const PONG_EVENT = 'nestwire:pong';

/** To a client over plain HTTP: the session, or this connection of it, ends here. `CloseData`. */
export const CLOSE_EVENT = 'nestwire:close';

/** What a close frame says, where there are no frames. */
export interface CloseData {
  readonly code: number;
  readonly reason: string;
}

/** In JSON, whatever the session's codec: it concerns the connection. */
export function encodeClose(data: CloseData): string {
  return JSON.stringify({ event: CLOSE_EVENT, data });
}

/** Counts of messages: the session's own, in one direction, from its beginning. */
export interface SessionData {
  readonly id: string;
  /** For the next connection: `<id>.<secret>`. */
  readonly secret: string;
  /** False: a new session, whatever the client asked for. */
  readonly resumed: boolean;
  /** Messages of the client that the server got. Those after it have to be sent again. */
  readonly received: number;
  /** How often the server proves that it is there, where the client can see it or not; 0 for never. */
  readonly heartbeatMs: number;
  /** How long the session waits for the client when it has no connection. */
  readonly windowMs: number;
}

/** What follows in a channel comes right after `cursor`. */
export interface ChannelStart {
  readonly channel: string;
  /** Left out in a channel without history. */
  readonly cursor: string | undefined;
  /** Whether nothing is missing since the cursor that the client gave; undefined if it gave none. */
  readonly recovered: boolean | undefined;
}

/** So many messages that the server had sent are lost; they count as received from now on. */
export interface MissedMessages {
  readonly missed: number;
}

interface ResumeData {
  /** Messages of the server that the client got. */
  readonly received: number;
  /** The newest cursor of each channel. */
  readonly cursors: ReadonlyMap<string, string>;
}

const MAX_CURSOR_CHARS = 64;
const MAX_CHANNEL_CHARS = 255;

/** @returns undefined when it is none */
export function readResume({ data }: ClientMessage): ResumeData | undefined {
  const received = readReceived(data);
  const cursors = readCursors(data);
  return received === undefined || !cursors ? undefined : { received, cursors };
}

/** The `received` of an object that has one. */
export function readReceived(data: unknown): number | undefined {
  const received = (data as { received?: unknown } | null | undefined)?.received;
  return Number.isSafeInteger(received) && (received as number) >= 0 ? (received as number) : undefined;
}

/** The `cursors` of an object, by channel; none if it has none. @returns undefined when they are no cursors */
export function readCursors(data: unknown): Map<string, string> | undefined {
  const given = (data as { cursors?: unknown } | null | undefined)?.cursors ?? {};
  if (typeof given !== 'object') return undefined;
  const entries = Object.entries(given);
  return entries.every(isCursorEntry) ? new Map(entries) : undefined;
}

/** A cursor is opaque here; a channel finds out whether it means something. */
function isCursorEntry(entry: [string, unknown]): entry is [string, string] {
  const [channel, cursor] = entry;
  return (
    channel.length <= MAX_CHANNEL_CHARS && typeof cursor === 'string' && cursor.length <= MAX_CURSOR_CHARS
  );
}
