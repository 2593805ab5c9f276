import { ChannelLimitError } from './errors.js';
import type { ChannelMember, Membership } from './membership.js';

/** The channels of one session. Until the session is open they are only noted. */
export class JoinedChannels {
  private names: Set<string> | undefined;
  constructor(
    private readonly member: ChannelMember,
    private readonly membership: Membership,
    private readonly limit: number,
    private isOpen: boolean,
  ) {}

  /** @throws ChannelLimitError */
  join(name: string): Promise<void> {
    if (this.names?.has(name)) return Promise.resolve();
    if ((this.names?.size ?? 0) >= this.limit) throw new ChannelLimitError(this.limit);
    (this.names ??= new Set()).add(name);
    return this.isOpen ? this.enter(name) : Promise.resolve();
  }

  private enter(name: string): Promise<void> {
    const joined = this.membership.join(name, this.member);
    // who does not wait for it must not end the process by it
    joined.catch(() => this.names?.delete(name));
    return joined;
  }

  leave(name: string): void {
    if (this.names?.delete(name) && this.isOpen) this.membership.leave(name, this.member);
  }

  open(): void {
    this.isOpen = true;
    for (const name of this.names ?? []) void this.enter(name);
  }

  /** Further joins do nothing. */
  leaveAll(): void {
    const { names } = this;
    this.names = undefined;
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const name of names ?? []) this.membership.leave(name, this.member);
  }
}
