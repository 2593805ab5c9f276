/** Replay, then live, with nothing lost or doubled in between. */
import { Observable, type Subscriber } from 'rxjs';
import type { Replay } from './broker.js';
import { ChannelGapError, InvalidChannelOptionsError } from './errors.js';
import type { Listener, LocalChannel } from './local-channel.js';
import { NOWHERE, type Position, formatCursor, parseCursor } from './position.js';
import type { Publication } from './publication.js';

/** @param find the channel, when somebody subscribes */
export function observeLive(find: () => LocalChannel): Observable<Publication> {
  return new Observable((subscriber) => {
    const channel = find();
    const subscription = channel.listen({
      next: (publication) => subscriber.next(publication),
      gap: (position) => subscriber.error(new ChannelGapError(channel.name, position)),
    });
    subscription.ready.catch((error: unknown) => subscriber.error(error));
    return () => subscription.close();
  });
}

/** @param from a cursor, or `start` */
export function observeFrom(find: () => LocalChannel, from: string): Observable<Publication> {
  return new Observable((subscriber) => {
    const channel = find();
    const join = new ReplayJoin(subscriber, channel.name);
    const subscription = channel.listen(join);
    subscription.ready
      .then(() => readHistory(channel, from))
      .then((replay) => join.replay(replay))
      .catch((error: unknown) => subscriber.error(error));
    return () => subscription.close();
  });
}

async function readHistory(channel: LocalChannel, from: string): Promise<Replay> {
  if (!channel.options.history) {
    throw new InvalidChannelOptionsError(`channel "${channel.name}" keeps no history to observe from`);
  }
  const after = from === 'start' ? undefined : (parseCursor(from) ?? NOWHERE);
  const replay = await channel.read(after);
  if (!replay.recovered) throw new ChannelGapError(channel.name, replay.position);
  return replay;
}

/** Holds live publications back until the replay is out, then leaves out those that it contained. */
class ReplayJoin implements Listener {
  private early: { publication: Publication; position: Position | undefined }[] | undefined = [];
  private end: Position | undefined;

  constructor(
    private readonly subscriber: Subscriber<Publication>,
    private readonly channel: string,
  ) {}

  next(publication: Publication, position: Position | undefined): void {
    if (this.early) this.early.push({ publication, position });
    else this.follow(publication, position);
  }

  gap(position: Position): void {
    this.subscriber.error(new ChannelGapError(this.channel, position));
  }

  replay({ publications, position: end }: Replay): void {
    this.end = end;
    for (const { body, position } of publications) {
      this.subscriber.next({ data: JSON.parse(body) as unknown, cursor: formatCursor(position) });
    }
    // grows while it is walked through: an observer may publish
    for (const { publication, position } of this.early ?? []) this.follow(publication, position);
    this.early = undefined;
  }

  private follow(publication: Publication, position: Position | undefined): void {
    const { end } = this;
    if (end && position) {
      if (position.epoch === end.epoch && position.offset <= end.offset) return;
      // after the first that follows, the channel itself sees to it that there is no hole
      this.end = undefined;
      if (position.epoch !== end.epoch || position.offset !== end.offset + 1) return this.gap(end);
    }
    this.subscriber.next(publication);
  }
}
