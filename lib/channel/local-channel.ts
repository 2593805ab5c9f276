/**
 * What this process has of one channel: the sessions that joined it and those who observe it, behind a
 * single subscription at the broker, which exists while there are any. A publication is encoded once
 * for each codec, whoever gets it, and parsed once, if anybody observes.
 */
import { publicationDelivered } from '../diagnostics/index.js';
import { tracing } from '../diagnostics/tracing.js';
import type { ChannelMember, JoinResult, Outlet } from '../session/index.js';
import type { Broker, BrokerPublication, Replay } from './broker.js';
import type { BrokerSubscription } from './broker-subscription.js';
import { CatchUp, type CaughtChannel } from './catch-up.js';
import { type ResolvedChannelOptions, resolveChannelOptions } from './channel-options.js';
import { Continuity, type ContinuityOwner } from './continuity.js';
import { EncodedPublication } from './encoded-publication.js';
import { InvalidChannelOptionsError } from './errors.js';
import { HistoryReader } from './history-reader.js';
import { NOWHERE, type Position, formatCursor } from './position.js';
import { LocalPresence, type PresenceOwner, type PrincipalOf } from './presence/index.js';
import type { Publication } from './publication.js';
import { type OpenedPublication, openPublication } from './traced-body.js';

/** Somebody who observes. */
export interface Listener {
  next(publication: Publication, position: Position | undefined): void;
  /** Something is missing; what follows comes right after `position`. */
  gap(position: Position): void;
}

/** Who remembers channels. */
export interface LocalChannelOwner {
  /** It has got its first member or listener, or lost its last one. */
  useChanged(channel: LocalChannel): void;
  readonly principalOf: PrincipalOf;
}

const UNDECLARED = resolveChannelOptions();
const LIVE: JoinResult = Object.freeze({});

export class LocalChannel implements CaughtChannel, ContinuityOwner, PresenceOwner {
  declared: ResolvedChannelOptions | undefined;
  /** Another one has its name, or may have it: this one is to be used no more. */
  isForgotten = false;
  delivering: Position | undefined;
  private readonly members = new Map<ChannelMember, Outlet>();
  /** Members whose join is under way, and which of their joins it is. */
  private readonly joins = new Map<ChannelMember, object>();
  private readonly listeners = new Set<Listener>();
  private subscription: BrokerSubscription | undefined;
  private reader: HistoryReader | undefined;
  private localPresence: LocalPresence | undefined;
  private readonly continuity = new Continuity(() => this.historyReader, this);

  constructor(
    readonly name: string,
    readonly broker: Broker,
    private readonly owner: LocalChannelOwner,
  ) {}

  get options(): ResolvedChannelOptions {
    return this.declared ?? UNDECLARED;
  }

  get isUnused(): boolean {
    return this.members.size === 0 && this.listeners.size === 0 && !this.localPresence?.hasPeople;
  }

  get principalOf(): PrincipalOf {
    return this.owner.principalOf;
  }

  /** @throws InvalidChannelOptionsError when the broker has none */
  get presence(): LocalPresence {
    const { presence } = this.broker;
    if (!presence) throw new InvalidChannelOptionsError('this broker keeps no presence');
    return (this.localPresence ??= new LocalPresence(this, presence));
  }

  private get historyReader(): HistoryReader {
    return (this.reader ??= new HistoryReader(this.name, this.broker));
  }

  /** @param from as in `Membership.join` */
  async join(member: ChannelMember, from: string | undefined): Promise<JoinResult> {
    if (this.members.has(member)) return LIVE;
    const outlet = member.openOutlet(this.name, this.options.overflow);
    const enter = this.enter(member, outlet, from);
    const join = {};
    this.joins.set(member, join);
    try {
      const present = this.options.presence && this.presence.enter(member, this.options.presence);
      await this.subscribed().ready;
      await present;
      return enter ? await enter() : LIVE;
    } catch (error) {
      // who left meanwhile may have come again
      if (this.joins.get(member) === join) this.leave(member);
      throw error;
    } finally {
      if (this.joins.get(member) === join) this.joins.delete(member);
    }
  }

  /** Gives the member its place at once. @returns what remains to be done when the subscription stands */
  private enter(
    member: ChannelMember,
    outlet: Outlet,
    from: string | undefined,
  ): (() => Promise<JoinResult>) | undefined {
    const { position } = this.continuity;
    const needsHistory = from !== undefined || (member.resumable && !position);
    if (!this.options.history || !needsHistory) {
      this.add(member, outlet);
      if (from !== undefined) return this.enterWithGap(member);
      if (position && member.resumable) member.joined?.(this.name, formatCursor(position), undefined);
      return undefined;
    }
    const catchUp = new CatchUp(this, member, outlet);
    this.add(member, catchUp);
    return () => (from === undefined ? catchUp.present() : catchUp.past(from));
  }

  private enterWithGap(member: ChannelMember): () => Promise<JoinResult> {
    member.gap(this.name, undefined);
    return () => Promise.resolve({ recovered: false });
  }

  private add(member: ChannelMember, outlet: Outlet): void {
    const wasUnused = this.isUnused;
    this.members.set(member, outlet);
    if (wasUnused) this.owner.useChanged(this);
  }

  caughtUp(member: ChannelMember, outlet: Outlet): void {
    if (this.members.has(member)) this.members.set(member, outlet);
  }

  leave(member: ChannelMember): void {
    const outlet = this.members.get(member);
    if (!outlet) return;
    this.members.delete(member);
    this.joins.delete(member);
    outlet.discard();
    this.localPresence?.leave(member);
    this.closeIfUnused();
  }

  listen(listener: Listener): BrokerSubscription {
    const wasUnused = this.isUnused;
    this.listeners.add(listener);
    if (wasUnused) this.owner.useChanged(this);
    const close = (): void => {
      if (this.listeners.delete(listener)) this.closeIfUnused();
    };
    return { ready: this.subscribed().ready, close };
  }

  /** As `Broker.history`. A position of an epoch that is over is known to be gone without asking. */
  read(after: Position | undefined): Promise<Replay> {
    const { position } = this.continuity;
    if (!after || !position || after.epoch === position.epoch) return this.historyReader.read(after);
    return Promise.resolve({ recovered: false, publications: [], position });
  }

  /** The cursor of now. */
  async position(): Promise<string | undefined> {
    if (!this.options.history) return undefined;
    return formatCursor(this.continuity.position ?? (await this.historyReader.read(NOWHERE)).position);
  }

  private subscribed(): BrokerSubscription {
    return (this.subscription ??= this.broker.subscribe(
      this.name,
      (publication) => this.continuity.receive(openPublication(publication)),
      (position) => this.continuity.lose(position),
    ));
  }

  private closeIfUnused(): void {
    if (this.members.size > 0 || this.listeners.size > 0) return;
    this.subscription?.close();
    this.subscription = undefined;
    this.continuity.reset();
    if (this.isUnused) this.owner.useChanged(this);
  }

  /** @internal */
  peopleLeft(): void {
    if (this.isUnused) this.owner.useChanged(this);
  }

  /** @internal */
  deliver(publication: OpenedPublication): void {
    const { trace } = publication;
    if (tracing.current === undefined || trace === undefined) return this.deliverHere(publication);
    tracing.current.deliver(this.name, trace, this.members.size, () => this.deliverHere(publication));
  }

  private deliverHere(publication: BrokerPublication): void {
    const { body, position } = publication;
    this.delivering = position;
    if (this.members.size > 0) {
      if (publicationDelivered.hasSubscribers)
        publicationDelivered.publish({ channel: this.name, sessions: this.members.size });
      this.send(this.encode(publication));
    }
    if (this.listeners.size === 0) return;
    const published = { data: JSON.parse(body) as unknown, cursor: position && formatCursor(position) };
    for (const listener of this.listeners) listener.next(published, position);
  }

  encode({ body, position }: BrokerPublication): EncodedPublication {
    const cursor = position && formatCursor(position);
    return new EncodedPublication({ event: this.options.event, body, channel: this.name, cursor });
  }

  /** @internal */
  gap(position: Position): void {
    for (const [member, outlet] of this.members) {
      if (outlet instanceof CatchUp) outlet.gap(position);
      else member.gap(this.name, formatCursor(position));
    }
    for (const listener of this.listeners) listener.gap(position);
  }

  private send(publication: EncodedPublication): void {
    for (const [{ codec }, outlet] of this.members) {
      const message = publication.by(codec);
      if (message !== undefined) outlet.send(message);
    }
  }
}
