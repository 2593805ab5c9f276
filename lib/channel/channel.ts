import { type Observable, defer, map } from 'rxjs';
import { publicationFailed, publicationPublished } from '../diagnostics/index.js';
import { tracing } from '../diagnostics/tracing.js';
import { InvalidChannelOptionsError } from './errors.js';
import type { LocalChannel } from './local-channel.js';
import { observeFrom, observeLive } from './observe.js';
import { NOWHERE, type Position, formatCursor, parseCursor } from './position.js';
import type { Present, PresenceEvent } from './presence/index.js';
import type { Publication } from './publication.js';
import { wrapBody } from './traced-body.js';

export interface ObserveOptions {
  /** A cursor: everything after it first. `start`: all of the history first. Default: live from now. */
  readonly from?: string;
}

export interface PublishOptions {
  /**
   * Names the publication, so that it can be published again when nobody knows whether it was: one whose id is
   * still in the history is not published twice. 1 to 64 bytes. Default: none.
   */
  readonly id?: string;
}

const MAX_ID_BYTES = 64;

/** What a history holds after a cursor, at one moment. Whole, or refused. */
export interface ChannelReplay<T = unknown> {
  /** Whether `publications` follow the cursor without a gap; if not, there are none. */
  readonly recovered: boolean;
  readonly publications: readonly Publication<T>[];
  /** Where it stands: from here on nothing is in `publications`. */
  readonly cursor: string;
}

/**
 * An addressable stream that anybody in the application may publish to, and that sessions join or services
 * observe. Got from `Channels`; `session.join(channel)` delivers it to a client.
 */
export class Channel<T = unknown> {
  private found: LocalChannel | undefined;

  /**
   * @internal
   * @param find what the process has of the channel now; `known` is what it had the last time
   */
  constructor(
    readonly name: string,
    private readonly find: (known?: LocalChannel) => LocalChannel,
  ) {}

  private get local(): LocalChannel {
    if (!this.found || this.found.isForgotten) this.found = this.find(this.found);
    return this.found;
  }

  /** The event under which clients get its publications. */
  get event(): string {
    return this.local.options.event;
  }

  /**
   * Publishes to all who joined or observe, on every node.
   * @returns where it stands in the history; undefined in a channel without one
   * @throws TypeError (rejects) for data that is no JSON; whatever the broker rejects with
   * @throws InvalidChannelOptionsError (rejects) for an id that is none, or in a channel without history
   */
  async publish(data: T, { id }: PublishOptions = {}): Promise<Position | undefined> {
    if (id !== undefined) this.checkId(id);
    // as in an array, undefined becomes null
    const body = (JSON.stringify(data) as string | undefined) ?? 'null';
    const { current } = tracing;
    if (current === undefined) return this.send(body, id, undefined);
    return current.publish(this.name, (trace) => this.send(body, id, trace));
  }

  private send(
    body: string,
    id: string | undefined,
    trace: string | undefined,
  ): Promise<Position | undefined> {
    const { broker, options } = this.local;
    const acknowledged = broker.publish(this.name, wrapBody(body, trace), options.history, id);
    if (publicationPublished.hasSubscribers || publicationFailed.hasSubscribers)
      this.tell(acknowledged, body);
    return acknowledged;
  }

  private tell(acknowledged: Promise<unknown>, { length: size }: string): void {
    const { name: channel } = this;
    acknowledged.then(
      () => publicationPublished.publish({ channel, size }),
      (error: unknown) => publicationFailed.publish({ channel, error }),
    );
  }

  private checkId(id: string): void {
    const bytes = Buffer.byteLength(id);
    if (bytes < 1 || bytes > MAX_ID_BYTES) {
      const range = `1 to ${MAX_ID_BYTES} bytes`;
      throw new InvalidChannelOptionsError(`the id of a publication has ${range}, not ${bytes}`);
    }
    if (this.local.options.history) return;
    throw new InvalidChannelOptionsError(`channel "${this.name}" keeps no history to find an id in`);
  }

  /**
   * The data of what is published while one is subscribed; with `from`, of what was published before first.
   * Errors with `ChannelGapError` when that cannot be had without a gap, and when publications got lost.
   */
  observe(options: ObserveOptions = {}): Observable<T> {
    return this.publications(options).pipe(map(({ data }) => data));
  }

  /** As `observe`, with cursors. */
  publications({ from }: ObserveOptions = {}): Observable<Publication<T>> {
    const find = (): LocalChannel => this.local;
    const publications = from === undefined ? observeLive(find) : observeFrom(find, from);
    return publications as Observable<Publication<T>>;
  }

  /**
   * What the history holds now after `from`, and where it stands; without `from` nothing but that.
   * @returns undefined for a channel without history
   */
  async replay({ from }: ObserveOptions = {}): Promise<ChannelReplay<T> | undefined> {
    const { local } = this;
    if (!local.options.history) return undefined;
    const after = from === 'start' ? undefined : (from !== undefined && parseCursor(from)) || NOWHERE;
    const { recovered, publications, position } = await local.read(after);
    return {
      recovered: from === undefined || recovered,
      publications: publications.map((kept) => ({
        data: JSON.parse(kept.body) as T,
        cursor: formatCursor(kept.position),
      })),
      cursor: formatCursor(position),
    };
  }

  /** What the history holds, oldest first; nothing in a channel without history. */
  async history(): Promise<Publication<T>[]> {
    const { local } = this;
    if (!local.options.history) return [];
    const { publications } = await local.read(undefined);
    return publications.map(({ body, position }) => ({
      data: JSON.parse(body) as T,
      cursor: formatCursor(position),
    }));
  }

  /**
   * Who is in the channel now, on any node, each person once, in no order; nobody when no process has declared
   * it with `presence`. Those whose node died are gone within a time that the broker states.
   * @throws InvalidChannelOptionsError (rejects) when the broker keeps no presence; what the broker rejects with
   */
  async presence<Info = unknown>(): Promise<readonly Present<Info>[]> {
    return (await this.local.presence.read()) as readonly Present<Info>[];
  }

  /**
   * Who is in the channel, then who comes and who goes, each person once. What could not be told at once, while
   * the broker was away, is told later.
   */
  observePresence<Info = unknown>(): Observable<PresenceEvent<Info>> {
    return defer(() => this.local.presence.observe()) as Observable<PresenceEvent<Info>>;
  }
}
