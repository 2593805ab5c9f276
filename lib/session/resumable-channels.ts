/**
 * The channels of a resumable session, and where it goes on in them: after the cursor that its client named when
 * it returned, else where the session stood when it joined.
 */
import { JoinedChannels } from './joined-channels.js';
import type { JoinResult } from './join-result.js';

/** Nothing that a history could go on from: the channel then tells a gap. */
const UNKNOWN = '';

export class ResumableChannels extends JoinedChannels {
  private readonly starts = new Map<string, string>();
  private named: Map<string, string> | undefined;
  private wasOpen = false;

  override join(name: string, from?: string): Promise<JoinResult> {
    if (this.isOpen && !this.has(name)) return super.join(name, this.take(name) ?? from);
    const joined = super.join(name, from);
    if (this.wasOpen && !this.isOpen && from === undefined) this.note(name);
    return joined;
  }

  /** Joined without a connection: what is published from now on counts. */
  private note(name: string): void {
    this.membership.position(name).then(
      (cursor) => {
        if (cursor !== undefined && this.has(name) && !this.isOpen) this.standsAt(name, cursor);
      },
      () => undefined, // not known, so that a gap will be told
    );
  }

  override leave(name: string): void {
    super.leave(name);
    this.starts.delete(name);
  }

  /**
   * The client named cursors. As many are kept as there may be channels: a client that has been in more in the
   * course of time can't know which it has left, and is not to be refused for that.
   */
  name(cursors: ReadonlyMap<string, string>): void {
    const mine = [...cursors].filter(([name]) => this.has(name));
    const others = [...cursors].filter(([name]) => !this.has(name));
    const surplus = Math.max(0, cursors.size - this.limit);
    this.named = new Map([...mine, ...others.slice(surplus)]);
  }

  /** The cursor that the client named for a channel, once. */
  private take(name: string): string | undefined {
    const cursor = this.named?.get(name);
    this.named?.delete(name);
    if (cursor !== undefined) this.starts.set(name, cursor);
    return cursor;
  }

  override open(): void {
    super.open();
    this.wasOpen = true;
  }

  /** A channel without any cursor may have lost something since it was joined. */
  protected override startOf(name: string, noted: string | undefined): string | undefined {
    return this.take(name) ?? noted ?? this.starts.get(name) ?? (this.wasOpen ? UNKNOWN : undefined);
  }

  /**
   * What follows in the channel comes right after `cursor`. The first counts: a client that heard of a later one
   * names it when it returns, and one that did not has to be told again of what it lost meanwhile.
   */
  standsAt(name: string, cursor: string): void {
    if (!this.starts.has(name)) this.starts.set(name, cursor);
  }
}
