import { type ChannelMember, type JoinResult, type Membership, readChannelName } from '../session/index.js';
import type { Broker } from './broker.js';
import { Channel } from './channel.js';
import { type ChannelOptions, areSameOptions, resolveChannelOptions } from './channel-options.js';
import { ChannelConflictError, InvalidChannelOptionsError } from './errors.js';
import { LocalChannel, type LocalChannelOwner } from './local-channel.js';
import type { PrincipalOf } from './presence/index.js';

/**
 * Declared channels that are remembered while nobody is in them. An application declares a few, or one for each
 * of its documents; those need not stay for ever.
 */
const MAX_IDLE_CHANNELS = 10_000;

/** All channels of the application. Injectable wherever `NestwireModule` is imported. */
export class Channels {
  /** @internal What sessions join. */
  readonly membership: Membership = {
    join: (name, member, from) => this.join(name, member, from),
    leave: (name, member) => this.local.get(name)?.leave(member),
    position: (name) => this.find(name).position(),
  };
  private readonly local = new Map<string, LocalChannel>();
  /** Those of them that are declared, and nobody is in; the one that was used longest ago is first. */
  private readonly idle = new Set<LocalChannel>();
  private readonly owner: LocalChannelOwner;

  /** @param principalOf whose session it is, for channels with presence */
  constructor(
    private readonly broker: Broker,
    principalOf: PrincipalOf = ({ id }) => id,
  ) {
    this.owner = { principalOf, useChanged: (channel) => this.sort(channel) };
  }

  /**
   * The channel of that name. Options declare it; without them it is what was, or will be, declared, else a
   * channel without history whose event is `message`.
   *
   * A name takes memory while sessions or observers are in the channel. Beyond that declarations are
   * remembered: the last 10,000, and all whose `Channel`, got with options, is still used. So an application
   * with more of them than that gives the options whenever it asks for one.
   * @throws ChannelConflictError when it was declared with other options
   * @throws InvalidChannelOptionsError for options out of range, and for presence with a broker that has none
   * @throws InvalidChannelNameError unless the name is a string of 1 to 255 bytes
   */
  channel<T = unknown>(name: string, options?: ChannelOptions): Channel<T> {
    readChannelName(name);
    const declared = options && resolveChannelOptions(options);
    const find = (known?: LocalChannel): LocalChannel => this.find(name, declared, known);
    if (declared?.presence && !this.broker.presence) {
      throw new InvalidChannelOptionsError('this broker keeps no presence');
    }
    if (declared) find();
    return new Channel<T>(name, find);
  }

  /** Nobody in it and nothing declared: then it is not kept, but by who asked for it. */
  private find(name: string, declared?: LocalChannel['declared'], known?: LocalChannel): LocalChannel {
    const local = this.local.get(name) ?? known ?? new LocalChannel(name, this.broker, this.owner);
    if (declared && local.declared && !areSameOptions(local.declared, declared)) {
      throw new ChannelConflictError(name);
    }
    local.declared ??= declared;
    this.sort(local);
    return local;
  }

  private sort(channel: LocalChannel): void {
    this.idle.delete(channel);
    if (channel.isUnused) {
      if (!channel.declared) return this.forget(channel);
      this.idle.add(channel);
    }
    this.local.set(channel.name, channel);
    channel.isForgotten = false;
    const [oldest] = this.idle;
    if (oldest && this.idle.size > MAX_IDLE_CHANNELS) this.forget(oldest);
  }

  private forget(channel: LocalChannel): void {
    this.idle.delete(channel);
    if (this.local.get(channel.name) === channel) this.local.delete(channel.name);
    channel.isForgotten = true;
  }

  private join(name: string, member: ChannelMember, from: string | undefined): Promise<JoinResult> {
    return this.find(name).join(member, from);
  }
}
