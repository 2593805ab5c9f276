import { type ChannelMember, type Membership, readChannelName } from '../session/index.js';
import type { Broker } from './broker.js';
import { Channel } from './channel.js';
import { type ChannelOptions, areSameOptions, resolveChannelOptions } from './channel-options.js';
import { ChannelConflictError } from './errors.js';
import { LocalChannel } from './local-channel.js';

/** All channels of the application. Injectable wherever `NestwireModule` is imported. */
export class Channels {
  /** @internal What sessions join. */
  readonly membership: Membership = {
    join: (name, member) => this.join(name, member),
    leave: (name, member) => this.leave(name, member),
  };
  private readonly local = new Map<string, LocalChannel>();

  constructor(private readonly broker: Broker) {}

  /**
   * The channel of that name. Options declare it; without them it is what was, or will be, declared, else a
   * channel without history whose event is `message`. The name is remembered as long as the process lives, so
   * it should not be one that a client made up.
   * @throws ChannelConflictError when it was declared with other options
   * @throws InvalidChannelNameError unless the name is a string of 1 to 255 bytes
   */
  channel<T = unknown>(name: string, options?: ChannelOptions): Channel<T> {
    const local = this.find(readChannelName(name));
    local.isPinned = true;
    if (options) declare(local, options);
    return new Channel<T>(local);
  }

  private find(name: string): LocalChannel {
    let local = this.local.get(name);
    if (!local) this.local.set(name, (local = new LocalChannel(name, this.broker)));
    return local;
  }

  private join(name: string, member: ChannelMember): Promise<void> {
    return this.find(name).join(member);
  }

  /** Clients may choose names: one that only they know is forgotten with its last member. */
  private leave(name: string, member: ChannelMember): void {
    const local = this.local.get(name);
    local?.leave(member);
    if (local?.isUnused && !local.isPinned) this.local.delete(name);
  }
}

function declare(local: LocalChannel, options: ChannelOptions): void {
  const resolved = resolveChannelOptions(options);
  if (local.declared && !areSameOptions(local.declared, resolved)) {
    throw new ChannelConflictError(local.name);
  }
  local.declared = resolved;
}
