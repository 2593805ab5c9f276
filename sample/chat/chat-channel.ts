import { type Channel, type Channels } from 'nestwire';
import { defer, mergeMap, retry } from 'rxjs';
import { type ChatArchive } from './chat-archive.js';
import { PAGE_SIZE } from './chat.limits.js';
import {
  type ChannelInfo,
  type ImageInfo,
  type Joined,
  type Member,
  type Message,
  type MessagePage,
  type PeopleChange,
  type SeenChange,
  type TypingChange,
} from './chat.protocol.js';

/** After a gap, or a full disk, the archive takes up the channel again. */
const RESUME_MS = 1000;

/** What somebody says, its image stored. */
export interface Post {
  readonly id: string;
  readonly text: string;
  readonly image?: ImageInfo | undefined;
}

/** One place to talk in: who is there, what was said, and the feeds on which its people hear of it. */
export class ChatChannel {
  /** Somebody may be here in several tabs. */
  private readonly people = new Map<string, { member: Member; tabs: number }>();
  private readonly seen = new Map<string, SeenChange>();
  private readonly messages: Channel<Message>;
  private readonly changes: Channel<PeopleChange>;
  private readonly typists: Channel<TypingChange>;
  private readonly receipts: Channel<SeenChange>;
  /** Kept, but its publication failed or is under way: sent again, it is published again. */
  private readonly unpublished = new WeakSet<Message>();
  private clock = 0;

  constructor(
    channels: Channels,
    readonly name: string,
    private readonly directory: Channel<ChannelInfo>,
    private readonly archive: ChatArchive,
  ) {
    this.messages = channels.channel(`chat:${name}`, { event: 'message', history: { size: PAGE_SIZE } });
    this.changes = channels.channel(`chat:${name}:people`, { event: 'people' });
    this.typists = channels.channel(`chat:${name}:typing`, { event: 'typing' });
    this.receipts = channels.channel(`chat:${name}:seen`, { event: 'seen' });
  }

  /** The channels that a session joins to hear what happens here. */
  get feeds(): Channel[] {
    return [this.messages, this.changes, this.typists, this.receipts];
  }

  get info(): ChannelInfo {
    return { name: this.name, people: this.people.size, lastAt: this.archive.lastAt };
  }

  /** Takes up what was said before, and from now on what is said here, in other processes too. */
  async start(): Promise<void> {
    await this.archive.load();
    this.clock = this.archive.lastAt;
    defer(() => this.messages.observe({ from: 'start' }))
      .pipe(
        mergeMap((message) => this.archive.add(message)),
        retry({ delay: RESUME_MS }),
      )
      .subscribe();
  }

  /** Who is there already comes in unannounced: another tab, or one that lost its connection. */
  async join(member: Member): Promise<void> {
    const tabs = this.people.get(member.id)?.tabs ?? 0;
    this.people.set(member.id, { member, tabs: tabs + 1 });
    if (tabs === 0) await this.announce('joined', member);
  }

  async leave(member: Member): Promise<void> {
    const tabs = (this.people.get(member.id)?.tabs ?? 0) - 1;
    if (tabs > 0) this.people.set(member.id, { member, tabs });
    else if (this.people.delete(member.id)) await this.announce('left', member);
  }

  /** What is sent again because its answer was lost is answered again, even by the next process. */
  async post(author: Member, { id, text, image }: Post): Promise<Message> {
    const earlier = this.archive.find(author.id, id);
    if (earlier && !this.unpublished.has(earlier)) return earlier;
    const said = { id, channel: this.name, author, text, ...(image && { image }) };
    const message: Message = earlier ?? { ...said, at: this.tick() };
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
    if (at <= (this.seen.get(member.id)?.at ?? 0)) return;
    const change = { channel: this.name, member, at: Math.min(at, this.archive.lastAt) };
    this.seen.set(member.id, change);
    await this.receipts.publish(change);
  }

  snapshot(): Omit<Joined, 'channels'> {
    return {
      channel: this.name,
      page: this.archive.page(),
      people: Array.from(this.people.values(), ({ member }) => member),
      seen: [...this.seen.values()].filter(({ member }) => this.people.has(member.id)),
    };
  }

  private async announce(change: PeopleChange['change'], member: Member): Promise<void> {
    if (change === 'left') this.seen.delete(member.id);
    await this.changes.publish({ channel: this.name, change, member, at: this.tick() });
    await this.directory.publish(this.info);
  }

  /** Strictly increasing, because the page sorts by it. */
  private tick(): number {
    this.clock = Math.max(Date.now(), this.clock + 1);
    return this.clock;
  }
}
