import { ChannelLimitError } from './errors.js';
import type { ChannelMember, JoinResult, Membership } from './membership.js';

/** The session, as what keeps its channels knows it. */
export interface JoiningSession extends ChannelMember {
  /** A join that had to wait, so that nobody waits for it, has failed: the session is not in the channel. */
  joinFailed(channel: string, error: unknown): void;
}

const NOT_YET: JoinResult = Object.freeze({});

/** The channels of one session. Until the session is open, and while it is suspended, they are only noted. */
export class JoinedChannels {
  private names: Set<string> | undefined;
  /** Cursors to join with when it opens. */
  private noted: Map<string, string> | undefined;

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
    if ((this.names?.size ?? 0) >= this.limit) throw new ChannelLimitError(this.limit);
    (this.names ??= new Set()).add(name);
    if (this.isOpen) return this.enter(name, from);
    if (from !== undefined) (this.noted ??= new Map()).set(name, from);
    return Promise.resolve(NOT_YET);
  }

  private enter(name: string, from: string | undefined): Promise<JoinResult> {
    const joined = this.membership.join(name, this.member, from);
    // who does not wait for it must not end the process by it
    joined.catch(() => this.names?.delete(name));
    return joined;
  }

  leave(name: string): void {
    this.noted?.delete(name);
    if (this.names?.delete(name) && this.isOpen) this.membership.leave(name, this.member);
  }

  open(): void {
    const { noted } = this;
    this.noted = undefined;
    this.isOpen = true;
    for (const name of this.names ?? []) {
      this.enter(name, this.startOf(name, noted?.get(name))).catch((error: unknown) => {
        this.member.joinFailed(name, error);
      });
    }
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
