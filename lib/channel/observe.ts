/** Replay, then live, with nothing lost or doubled in between. */
import { Observable, type Subscriber } from 'rxjs';
import type { Replay } from './broker.js';
import { ChannelGapError, InvalidChannelOptionsError } from './errors.js';
import type { LocalChannel } from './local-channel.js';
import { type Position, formatCursor, parseCursor } from './position.js';
import type { Publication } from './publication.js';

export function observeLive(channel: LocalChannel): Observable<Publication> {
  return new Observable((subscriber) => {
    const subscription = channel.listen((publication) => subscriber.next(publication));
    subscription.ready.catch((error: unknown) => subscriber.error(error));
    return () => subscription.close();
  });
}

/** @param from a cursor, or `start` */
export function observeFrom(channel: LocalChannel, from: string): Observable<Publication> {
  return new Observable((subscriber) => {
    const join = new ReplayJoin(subscriber, channel.name);
    const subscription = channel.listen((publication, position) => join.live(publication, position));
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
  const after = from === 'start' ? undefined : parseCursor(from);
  const replay = await channel.broker.history(channel.name, after);
  const isReadable = from === 'start' || after !== undefined;
  if (!isReadable || !replay.recovered) throw new ChannelGapError(channel.name, replay.position);
  return replay;
}

/** Holds live publications back until the replay is out, then leaves out those that it contained. */
class ReplayJoin {
  private early: { publication: Publication; position: Position | undefined }[] | undefined = [];

  constructor(
    private readonly subscriber: Subscriber<Publication>,
    private readonly channel: string,
  ) {}

  live(publication: Publication, position: Position | undefined): void {
    if (this.early) this.early.push({ publication, position });
    else this.subscriber.next(publication);
  }

  replay({ publications, position: end }: Replay): void {
    for (const { body, position } of publications) {
      this.subscriber.next({ data: JSON.parse(body) as unknown, cursor: formatCursor(position) });
    }
    // grows while it is walked through: an observer may publish
    for (const { publication, position } of this.early ?? []) {
      if (position?.epoch !== end.epoch) return this.subscriber.error(new ChannelGapError(this.channel, end));
      if (position.offset > end.offset) this.subscriber.next(publication);
    }
    this.early = undefined;
  }
}
