/**
 * Brings one member of a channel from a position in its past to the present: replay, then live, nothing lost or
 * doubled.
 *
 * Theory of operation. It stands in the member's place among those who get publications. It reads the history
 * and sends it as fast as the client takes it; what is published meanwhile waits here, the same encoded messages
 * that others got. When that gets too much it is forgotten, for the history has it too, and is read from there:
 * so a slow client costs no more than a fast one. With the first publication that follows what was sent the
 * member's outlet takes its place; a hole before that one is read from the history again.
 */
import { type ChannelMember, type JoinResult, type Outgoing, type Outlet, sizeOf } from '../session/index.js';
import type { BrokerPublication, Replay } from './broker.js';
import type { EncodedPublication } from './encoded-publication.js';
import { beginOf } from './history-reader.js';
import { NOWHERE, type Position, formatCursor, parseCursor } from './position.js';

/** The channel, as one who catches up knows it. */
export interface CaughtChannel {
  readonly name: string;
  /** Of the publication that is being delivered; undefined when it has none. */
  readonly delivering: Position | undefined;
  read(after: Position | undefined): Promise<Replay>;
  encode(publication: BrokerPublication): EncodedPublication;
  /** From now on `outlet` gets the member's publications. */
  caughtUp(member: ChannelMember, outlet: Outlet): void;
}

interface Early {
  readonly message: Outgoing;
  readonly position: Position;
}

/** Of messages that wait for the end of the replay. */
const MAX_EARLY_BYTES = 256 * 1024;

export class CatchUp implements Outlet {
  private early: Early[] = [];
  private earlyBytes = 0;
  /** What waited is not all there any more. */
  private isIncomplete = false;
  private isReplaying = true;
  private isStopped = false;
  /** Everything up to here was sent. */
  private done: Position = NOWHERE;
  /** The newest publication that came and was not sent on at once, or got lost. */
  private seen: Position | undefined;

  constructor(
    private readonly channel: CaughtChannel,
    private readonly member: ChannelMember,
    private readonly outlet: Outlet,
  ) {}

  /**
   * @param from a cursor, or `start`
   * @returns when the past was sent
   */
  async past(from: string): Promise<JoinResult> {
    const after = from === 'start' ? undefined : (parseCursor(from) ?? NOWHERE);
    const replay = await this.channel.read(after);
    if (this.isStopped) return {};
    const { recovered, position } = replay;
    const begin = after ?? { ...position, offset: beginOf(replay) };
    const result = recovered ? this.begin(begin, true) : this.skipTo(position);
    // it has begun: who joined again from there would get twice what was sent
    await this.replay(replay).catch(() => this.giveUp());
    return result;
  }

  /** Begins now, wherever that is. */
  async present(): Promise<JoinResult> {
    const { position } = await this.channel.read(NOWHERE);
    if (this.isStopped) return {};
    const [first] = this.early;
    const begin = first ? { ...first.position, offset: first.position.offset - 1 } : position;
    const result = this.begin(begin, undefined);
    await this.finish().catch(() => this.giveUp());
    return result;
  }

  private begin(position: Position, recovered: true | undefined): JoinResult {
    const cursor = formatCursor(position);
    this.done = position;
    this.member.joined?.(this.channel.name, cursor, recovered);
    return recovered ? { recovered, cursor } : { cursor };
  }

  private skipTo(position: Position): JoinResult {
    const cursor = formatCursor(position);
    this.done = position;
    this.member.gap(this.channel.name, cursor);
    return { recovered: false, cursor };
  }

  private async replay({ publications }: Replay): Promise<void> {
    for (const publication of publications) {
      const keepingUp = this.member.keepingUp();
      if (keepingUp) await keepingUp;
      if (this.isStopped) return;
      this.done = publication.position;
      const message = this.channel.encode(publication).by(this.member.codec);
      if (message !== undefined) this.outlet.send(message);
    }
    await this.finish();
  }

  /** Sends what waited; unless that has a hole. */
  private async finish(): Promise<void> {
    for (const { message, position } of this.early) {
      if (this.isStopped) return;
      if (!this.isIncomplete && this.isNext(position)) this.pass(message, position);
      else if (!this.isDone(position)) this.isIncomplete = true;
    }
    if (this.isIncomplete) return this.again();
    this.forgetEarly();
    this.isReplaying = false;
  }

  private async again(): Promise<void> {
    this.forgetEarly(); // all of it is in the history by now
    const replay = await this.channel.read(this.done);
    if (this.isStopped) return;
    if (!replay.recovered) this.skipTo(replay.position);
    await this.replay(replay);
  }

  private forgetEarly(): void {
    this.early = [];
    this.earlyBytes = 0;
    this.isIncomplete = false;
  }

  private isDone({ epoch, offset }: Position): boolean {
    return epoch === this.done.epoch && offset <= this.done.offset;
  }

  private isNext({ epoch, offset }: Position): boolean {
    return epoch === this.done.epoch && offset === this.done.offset + 1;
  }

  private pass(message: Outgoing, position: Position): void {
    this.done = position;
    this.outlet.send(message);
  }

  /** A publication, live. */
  send(message: Outgoing): void {
    const position = this.channel.delivering;
    if (!position) return this.outlet.send(message);
    if (this.isReplaying) return this.keep(message, position);
    if (this.isDone(position)) return;
    if (!this.isNext(position)) return this.restart(position);
    this.channel.caughtUp(this.member, this.outlet);
    this.outlet.send(message);
  }

  private keep(message: Outgoing, position: Position): void {
    this.seen = position;
    if (this.isIncomplete) return;
    this.early.push({ message, position });
    this.earlyBytes += sizeOf(message);
    if (this.earlyBytes > MAX_EARLY_BYTES) this.forgetSome();
  }

  private forgetSome(): void {
    this.forgetEarly();
    this.isIncomplete = true;
  }

  private restart(seen: Position): void {
    this.seen = seen;
    this.isReplaying = true;
    this.again().catch(() => this.giveUp());
  }

  /** What is missing can't be had; what comes can. */
  private giveUp(): void {
    if (this.isStopped) return;
    this.forgetEarly();
    if (this.seen && !this.isDone(this.seen)) this.skipTo(this.seen);
    this.channel.caughtUp(this.member, this.outlet);
  }

  /** Something was lost on its way here, up to `position`; the history may have it. */
  gap(position: Position): void {
    if (!this.isReplaying) return this.restart(position);
    this.seen = position;
    this.forgetSome();
  }

  release(all: boolean): void {
    this.outlet.release(all);
  }

  /** The member has left. */
  discard(): void {
    this.isStopped = true;
    this.forgetEarly();
    this.outlet.discard();
  }
}
