import { type Channel, type Channels } from 'nestwire';
import { HISTORY_SIZE } from './chat.limits.js';
import {
  type ChannelInfo,
  type Draft,
  type Joined,
  type Member,
  type Message,
  type PeopleChange,
  type TypingChange,
} from './chat.protocol.js';

/** Ids remembered to answer a message that is sent again; more than anyone has unanswered. */
const REMEMBERED_MESSAGES = 500;

/** One place to talk in: who is there, what was said, and the feeds on which its people hear of it. */
export class ChatChannel {
  private readonly people = new Map<string, Member>();
  private readonly accepted = new Map<string, Message>();
  private readonly messages: Channel<Message>;
  private readonly changes: Channel<PeopleChange>;
  private readonly typists: Channel<TypingChange>;
  private clock = 0;
  private lastAt = 0;

  constructor(
    channels: Channels,
    readonly name: string,
    private readonly about: string,
    private readonly directory: Channel<ChannelInfo>,
  ) {
    this.messages = channels.channel(`chat:${name}`, { event: 'message', history: { size: HISTORY_SIZE } });
    this.changes = channels.channel(`chat:${name}:people`, { event: 'people' });
    this.typists = channels.channel(`chat:${name}:typing`, { event: 'typing' });
  }

  /** The channels that a session joins to hear what happens here. */
  get feeds(): Channel[] {
    return [this.messages, this.changes, this.typists];
  }

  get info(): ChannelInfo {
    return { name: this.name, about: this.about, people: this.people.size, lastAt: this.lastAt };
  }

  /** Who is there already under the same name comes in unannounced: a tab that lost its connection. */
  async join(member: Member): Promise<void> {
    const known = this.people.get(member.id)?.name === member.name;
    this.people.set(member.id, member);
    if (!known) await this.announce('joined', member);
  }

  async leave(member: Member): Promise<void> {
    if (this.people.delete(member.id)) await this.announce('left', member);
  }

  async post(author: Member, { id, text }: Draft): Promise<Message> {
    const earlier = this.accepted.get(id);
    if (earlier?.author.id === author.id) return earlier;
    const message: Message = { id, channel: this.name, author, text, at: this.tick() };
    await this.messages.publish(message);
    this.remember(message);
    await this.directory.publish(this.info);
    return message;
  }

  async type(member: Member, typing: boolean): Promise<void> {
    await this.typists.publish({ channel: this.name, member, typing });
  }

  async snapshot(): Promise<Joined> {
    const history = await this.messages.history();
    return {
      channel: this.name,
      messages: history.map((publication) => publication.data),
      people: [...this.people.values()],
    };
  }

  private async announce(change: PeopleChange['change'], member: Member): Promise<void> {
    await this.changes.publish({ channel: this.name, change, member, at: this.tick() });
    await this.directory.publish(this.info);
  }

  private remember(message: Message): void {
    this.lastAt = message.at;
    this.accepted.set(message.id, message);
    if (this.accepted.size > REMEMBERED_MESSAGES) this.accepted.delete(this.accepted.keys().next().value!);
  }

  /** Strictly increasing, because the page sorts by it. */
  private tick(): number {
    this.clock = Math.max(Date.now(), this.clock + 1);
    return this.clock;
  }
}
