/**
 * What this process has of one channel: the sessions that joined it and those who observe it, behind a
 * single subscription at the broker, which exists while there are any. A publication is encoded once,
 * whoever gets it, and parsed once, if anybody observes.
 */
import { encodePublication } from '../protocol/envelope/index.js';
import { type ChannelMember, type Outlet, PreparedMessage } from '../session/index.js';
import type { Broker, BrokerPublication, BrokerSubscription } from './broker.js';
import { type ResolvedChannelOptions, resolveChannelOptions } from './channel-options.js';
import { type Position, formatCursor } from './position.js';
import type { Publication } from './publication.js';

export type Listener = (publication: Publication, position: Position | undefined) => void;

const UNDECLARED = resolveChannelOptions();

export class LocalChannel {
  declared: ResolvedChannelOptions | undefined;
  /** The application holds a `Channel` of it. */
  isPinned = false;
  private readonly members = new Map<ChannelMember, Outlet>();
  private readonly listeners = new Set<Listener>();
  private subscription: BrokerSubscription | undefined;

  constructor(
    readonly name: string,
    readonly broker: Broker,
  ) {}

  get options(): ResolvedChannelOptions {
    return this.declared ?? UNDECLARED;
  }

  get isUnused(): boolean {
    return this.members.size === 0 && this.listeners.size === 0;
  }

  async join(member: ChannelMember): Promise<void> {
    if (this.members.has(member)) return;
    this.members.set(member, member.openOutlet(this.name, this.options.overflow));
    try {
      await this.subscribed().ready;
    } catch (error) {
      this.leave(member);
      throw error;
    }
  }

  leave(member: ChannelMember): void {
    if (this.members.delete(member)) this.closeIfUnused();
  }

  listen(listener: Listener): BrokerSubscription {
    this.listeners.add(listener);
    const close = (): void => {
      if (this.listeners.delete(listener)) this.closeIfUnused();
    };
    return { ready: this.subscribed().ready, close };
  }

  private subscribed(): BrokerSubscription {
    return (this.subscription ??= this.broker.subscribe(this.name, (publication) =>
      this.deliver(publication),
    ));
  }

  private closeIfUnused(): void {
    if (!this.isUnused) return;
    this.subscription?.close();
    this.subscription = undefined;
  }

  private deliver({ body, position }: BrokerPublication): void {
    const cursor = position && formatCursor(position);
    if (this.members.size > 0) {
      const message = new PreparedMessage(encodePublication(this.options.event, body, this.name, cursor));
      for (const outlet of this.members.values()) outlet.send(message);
    }
    if (this.listeners.size === 0) return;
    const publication = { data: JSON.parse(body) as unknown, cursor };
    for (const listener of this.listeners) listener(publication, position);
  }
}
