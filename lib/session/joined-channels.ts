import { tellLimit } from '../diagnostics/tell-limit.js';
import { ChannelLimitError } from './errors.js';
import type { JoinResult } from './join-result.js';
import type { ChannelMember, Membership } from './membership.js';

/** The session, as what keeps its channels knows it. */
export interface JoiningSession extends ChannelMember {
  readonly id: string;
  /** A join that had to wait, so that nobody waits for it, has failed: it is tried again. */
  joinFailed(channel: string, error: unknown): void;
}

/** Between two attempts to come into a channel, each of which the broker may let wait. */
const AGAIN_MS = 500;

const NOT_YET: JoinResult = Object.freeze({});

/** The channels of one session. Until the session is open, and while it is suspended, they are only noted. */
export class JoinedChannels {
  private names: Set<string> | undefined;
  /** Joins that somebody waits for, each the last one of its channel. */
  private entering: Map<string, Promise<JoinResult>> | undefined;
  /** Cursors to join with when it opens. */
  private noted: Map<string, string> | undefined;
  /** Counts how often it was opened. */
  private openings = 0;

  constructor(
    private readonly member: JoiningSession,
    protected readonly membership: Membership,
    protected readonly limit: number,
    protected isOpen: boolean,
  ) {}

  has(name: string): boolean {
    return this.names?.has(name) ?? false;
  }

  /** @throws ChannelLimitError */
  join(name: string, from?: string): Promise<JoinResult> {
    if (this.has(name)) return Promise.resolve(NOT_YET);
    if ((this.names?.size ?? 0) >= this.limit) {
      tellLimit('channels', this.member.id);
      throw new ChannelLimitError(this.limit);
    }
    (this.names ??= new Set()).add(name);
    if (this.isOpen) return this.enter(name, from);
    if (from !== undefined) (this.noted ??= new Map()).set(name, from);
    return Promise.resolve(NOT_YET);
  }

  private enter(name: string, from: string | undefined): Promise<JoinResult> {
    const joined = this.membership.join(name, this.member, from);
    (this.entering ??= new Map()).set(name, joined);
    joined.then(
      () => this.entered(name, joined),
      // who does not wait for it must not end the process by it
      () => this.entered(name, joined) && this.leave(name),
    );
    return joined;
  }

  /** @returns false when the session has left meanwhile, and may have joined again */
  private entered(name: string, joined: Promise<JoinResult>): boolean {
    const isLast = this.entering?.get(name) === joined;
    if (isLast) this.entering!.delete(name);
    if (this.entering?.size === 0) this.entering = undefined;
    return isLast;
  }

  leave(name: string): void {
    this.entering?.delete(name);
    this.noted?.delete(name);
    if (this.names?.delete(name) && this.isOpen) this.membership.leave(name, this.member);
  }

  open(): void {
    const { noted } = this;
    this.noted = undefined;
    this.isOpen = true;
    this.openings++;
    for (const name of this.names ?? []) this.keepEntering(name, this.startOf(name, noted?.get(name)));
  }

  /**
   * Nobody waits for it who could try again, and a client that is out of a channel would wait for ever: so until
   * the session is in the channel, or is closed, or has left.
   */
  private keepEntering(name: string, from: string | undefined, isAgain = false): void {
    const { openings } = this;
    const again = (): void => {
      const isWanted = this.isOpen && openings === this.openings && this.has(name);
      if (isWanted) this.keepEntering(name, from, true);
    };
    this.membership.join(name, this.member, from).catch((error: unknown) => {
      if (!isAgain) this.member.joinFailed(name, error);
      setTimeout(again, AGAIN_MS).unref();
    });
  }

  /** @param noted the cursor that the application joined with */
  protected startOf(_name: string, noted: string | undefined): string | undefined {
    return noted;
  }

  /** The connection is gone: what is joined stays noted. */
  suspend(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const name of this.names ?? []) this.membership.leave(name, this.member);
  }

  /** Further joins do nothing. */
  leaveAll(): void {
    this.suspend();
    this.names = undefined;
    this.noted = undefined;
  }
}
