import { type Channel, type Channels, type PresenceEvent } from 'nestwire';
import { auditTime, concatMap, defer, mergeMap, type Observable, retry, tap } from 'rxjs';
import { type ChatArchive } from './chat-archive.js';
import { PAGE_SIZE } from './chat.limits.js';
import {
  type ChannelInfo,
  type ImageInfo,
  type Joined,
  type Member,
  type Message,
  type MessagePage,
  type SeenChange,
  type TypingChange,
} from './chat.protocol.js';
import { personIn } from './seat.js';

/** After a gap, or a full disk, or without Redis, what failed is begun again. */
const RESUME_MS = 1000;

/** Of all who come and go within this time, the other channels hear at once. */
const GATHER_MS = 100;

/** What somebody says, its image stored. */
export interface Post {
  readonly id: string;
  readonly text: string;
  readonly image?: ImageInfo | undefined;
}

/**
 * One place to talk in: who is there, what was said, and the feeds on which its people hear of it. What is here of
 * people, messages and receipts follows the feeds, so that every process has the same.
 */
export class ChatChannel {
  private people = new Map<string, Member>();
  private readonly seen = new Map<string, SeenChange>();
  private readonly messages: Channel<Message>;
  private readonly typists: Channel<TypingChange>;
  private readonly receipts: Channel<SeenChange>;
  /** Kept, but its publication failed or is under way: sent again, it is published again. */
  private readonly unpublished = new WeakSet<Message>();

  constructor(
    channels: Channels,
    readonly name: string,
    private readonly directory: Channel<ChannelInfo>,
    private readonly archive: ChatArchive,
  ) {
    this.messages = channels.channel(`chat:${name}`, {
      event: 'message',
      history: { size: PAGE_SIZE },
      presence: { person: personIn, event: 'people' },
    });
    this.typists = channels.channel(`chat:${name}:typing`, { event: 'typing' });
    this.receipts = channels.channel(`chat:${name}:seen`, { event: 'seen' });
  }

  /** The channels that a session joins to hear what happens here. */
  get feeds(): Channel[] {
    return [this.messages, this.typists, this.receipts];
  }

  get info(): ChannelInfo {
    return { name: this.name, people: this.people.size, lastAt: this.archive.lastAt };
  }

  /** Takes up what was said before, and from now on what happens here, in other processes too. */
  async start(): Promise<void> {
    await this.archive.load();
    follow(() => this.messages.observe({ from: 'start' }).pipe(mergeMap((each) => this.archive.add(each))));
    follow(() => this.receipts.observe().pipe(tap((change) => this.note(change))));
    follow(() =>
      this.messages.observePresence<Member>().pipe(
        tap((event) => this.apply(event)),
        auditTime(GATHER_MS),
        // By each process, for the one that somebody was on may be gone: the same number twice does no harm.
        concatMap(() => this.directory.publish(this.info)),
      ),
    );
  }

  /** What is sent again because its answer was lost is answered again, even by the next process. */
  async post(author: Member, { id, text, image }: Post): Promise<Message> {
    const earlier = this.archive.find(author.id, id);
    if (earlier && !this.unpublished.has(earlier)) return earlier;
    const said = { id, channel: this.name, author, text, ...(image && { image }) };
    const message: Message = earlier ?? { ...said, at: this.nextTime };
    // Kept before it is told: nobody has seen what the next process does not know of.
    this.unpublished.add(message);
    await this.archive.add(message);
    await this.messages.publish(message);
    this.unpublished.delete(message);
    await this.directory.publish(this.info);
    return message;
  }

  history(before: number): MessagePage {
    return this.archive.page(before);
  }

  async type(member: Member, typing: boolean): Promise<void> {
    await this.typists.publish({ channel: this.name, member, typing });
  }

  async see(member: Member, at: number): Promise<void> {
    const change = { channel: this.name, member, at: Math.min(at, this.archive.lastAt) };
    if (this.note(change)) await this.receipts.publish(change);
  }

  snapshot(): Omit<Joined, 'channels'> {
    return {
      channel: this.name,
      page: this.archive.page(),
      seen: [...this.seen.values()],
    };
  }

  /** Kept of those who are here. @returns whether it is news */
  private note(change: SeenChange): boolean {
    const { member, at } = change;
    if (at <= (this.seen.get(member.id)?.at ?? 0)) return false;
    if (this.people.has(member.id)) this.seen.set(member.id, change);
    return true;
  }

  private apply(event: PresenceEvent<Member>): void {
    if (event.type === 'present') {
      this.people = new Map(event.people.map(({ key, info }) => [key, info]));
      for (const id of this.seen.keys()) if (!this.people.has(id)) this.seen.delete(id);
    } else if (event.type === 'joined') {
      this.people.set(event.person.key, event.person.info);
    } else {
      this.people.delete(event.person.key);
      this.seen.delete(event.person.key);
    }
  }

  /** Strictly increasing, because the page sorts by it. */
  private get nextTime(): number {
    return Math.max(Date.now(), this.archive.lastAt + 1);
  }
}

function follow(begin: () => Observable<unknown>): void {
  defer(begin)
    .pipe(retry({ delay: RESUME_MS }))
    .subscribe();
}
