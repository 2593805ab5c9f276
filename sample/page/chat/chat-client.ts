import { Subject } from 'rxjs';
import {
  type ChannelInfo,
  type ChatProtocol,
  type Member,
  type Message,
  type PeopleChange,
} from '../../chat/chat.protocol.js';
import { Connection, Refused, Unanswered } from '../connection.js';
import { randomId } from '../random-id.js';
import { type TextStore } from '../text-store.js';
import { News } from './news.js';
import { Outbox, type Unsent } from './outbox.js';
import { Presence } from './presence.js';
import { Timeline } from './timeline.js';
import { Typists } from './typists.js';

/** The chat as one tab knows it, and keeps it right over lost connections. The views only show it. */
export class ChatClient {
  /** Something that is shown is no longer what it was. */
  readonly changed$ = new Subject<void>();
  /** The server does not take this name. */
  readonly nameRefused$ = new Subject<void>();
  /** Somebody else wrote into the current channel. */
  readonly heard$ = new Subject<Message>();
  readonly connection: Connection<typeof ChatProtocol>;
  readonly presence = new Presence();
  readonly typists = new Typists(() => this.changed$.next());

  me: Member | undefined;
  channels: ChannelInfo[] = [];
  name: string | undefined;

  private readonly key: string;
  private readonly outbox: Outbox;
  private readonly timelines = new Map<string, Timeline>();
  private readonly news = new News();
  private entered = false;
  private flushing = false;

  constructor(
    url: URL,
    private readonly store: TextStore,
    public channel: string,
  ) {
    this.key = store.read('key') ?? randomId();
    store.write('key', this.key);
    this.name = store.read('name');
    this.outbox = new Outbox(store);
    this.connection = new Connection(url, 'chat.v1' satisfies (typeof ChatProtocol)['name']);
    this.listen();
  }

  get timeline(): Timeline {
    const timeline = this.timelines.get(this.channel) ?? new Timeline();
    this.timelines.set(this.channel, timeline);
    return timeline;
  }

  get unsent(): Unsent[] {
    return this.outbox.of(this.channel);
  }

  hasNews(info: ChannelInfo): boolean {
    return info.name !== this.channel && this.news.in(info);
  }

  async enter(name: string): Promise<void> {
    this.name = name;
    this.store.write('name', name);
    await this.arrive();
  }

  async open(channel: string): Promise<void> {
    if (channel === this.channel) return;
    this.see();
    this.channel = channel;
    this.see();
    this.presence.clear();
    this.typists.clear();
    this.changed$.next();
    await this.attempt(() => this.join());
  }

  async write(text: string): Promise<void> {
    this.outbox.add({ id: randomId(), channel: this.channel, text });
    this.changed$.next();
    await this.attempt(() => this.flush());
  }

  async writeAgain(id: string): Promise<void> {
    this.outbox.refuse(id, undefined);
    this.changed$.next();
    await this.attempt(() => this.flush());
  }

  discard(id: string): void {
    this.outbox.remove(id);
    this.changed$.next();
  }

  tellTyping(typing: boolean): void {
    if (this.entered) this.connection.send('typing', { typing });
  }

  private listen(): void {
    this.connection.status$.subscribe(({ state }) => {
      if (state === 'open') void this.arrive();
      else this.interrupted();
    });
    this.connection.on('message').subscribe((message) => this.receive(message));
    this.connection.on('people').subscribe((change) => this.applyPeople(change));
    this.connection.on('typing').subscribe((change) => {
      if (change.channel === this.channel && change.member.id !== this.me?.id) this.typists.apply(change);
      this.changed$.next();
    });
    this.connection.on('channel').subscribe((info) => this.applyInfo(info));
  }

  private interrupted(): void {
    if (this.entered) this.presence.expectReturn();
    this.entered = false;
    this.typists.clear();
    this.changed$.next();
  }

  /** From a fresh connection to where the tab was: name, channel, and what is still unsent. */
  private async arrive(): Promise<void> {
    const { name } = this;
    if (!name || this.connection.status$.value.state !== 'open') return;
    await this.attempt(async () => {
      const { me, channels } = await this.connection.request('enter', { key: this.key, name });
      this.me = me;
      this.channels = channels;
      this.news.begin(channels);
      if (!channels.some((known) => known.name === this.channel)) this.channel = channels[0]!.name;
      this.see();
      await this.join();
      this.entered = true;
      await this.flush();
    });
  }

  private async join(): Promise<void> {
    const { channel, messages, people } = await this.connection.request('channel.join', {
      channel: this.channel,
    });
    if (channel !== this.channel) return;
    this.timeline.merge(messages);
    for (const { id } of messages) this.outbox.remove(id);
    this.presence.reset(people);
    this.changed$.next();
  }

  private async flush(): Promise<void> {
    if (this.flushing || !this.entered) return;
    this.flushing = true;
    try {
      for (let draft = this.outbox.next; draft; draft = this.outbox.next) await this.deliver(draft);
    } finally {
      this.flushing = false;
    }
  }

  private async deliver({ id, channel, text }: Unsent): Promise<void> {
    try {
      this.receive(await this.connection.request('message.send', { id, channel, text }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.outbox.refuse(id, error.message);
      this.changed$.next();
    }
  }

  private receive(message: Message): void {
    this.outbox.remove(message.id);
    this.timelines.get(message.channel)?.add(message);
    this.typists.drop(message.author.id);
    if (message.author.id !== this.me?.id) this.heard$.next(message);
    this.changed$.next();
  }

  private applyPeople(change: PeopleChange): void {
    const { channel, member, at } = change;
    if (channel !== this.channel) return;
    this.typists.drop(member.id);
    if (this.presence.apply(change) && member.id !== this.me?.id) {
      this.timeline.addNotice(at, `${member.name} ${change.change}`);
    }
    this.changed$.next();
  }

  private applyInfo(info: ChannelInfo): void {
    this.channels = this.channels.map((known) => (known.name === info.name ? info : known));
    this.see();
    this.changed$.next();
  }

  private see(): void {
    const info = this.channels.find(({ name }) => name === this.channel);
    if (info) this.news.see(info);
  }

  /** A lost connection is no failure here: on the next one `arrive` does the rest. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Refused) this.nameRefused$.next();
      else if (!(error instanceof Unanswered)) throw error;
    }
  }
}
