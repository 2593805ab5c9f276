import * as MessagePack from '@msgpack/msgpack';
import { connect, msgpack, RequestFailedError } from 'nestwire/client';
import { Subject } from 'rxjs';
import { type ChannelInfo, ChatProtocol, type Member, type Message } from '../../chat/chat.protocol.js';
import { randomId } from '../random-id.js';
import { type TextStore } from '../text-store.js';
import { Company } from './company.js';
import { Delivery } from './delivery.js';
import { Images } from './images.js';
import { isLost } from './lost.js';
import { News } from './news.js';
import { type PeopleNews } from './presence.js';
import { type GapEntry, Timeline } from './timeline.js';
import { type ViewContext } from './view.js';

/** The chat as one tab knows it, and keeps it right over lost connections and sessions. The views only show it. */
export class ChatClient {
  /** Something that is shown is no longer what it was. */
  readonly changed$ = new Subject<void>();
  /** The server does not take this name. */
  readonly nameRefused$ = new Subject<void>();
  /** Somebody else wrote into the current channel. */
  readonly heard$ = new Subject<Message>();
  readonly connection = connect('/chat', { protocol: ChatProtocol, codec: msgpack(MessagePack) });
  readonly company = new Company(this);
  readonly delivery: Delivery;
  readonly images = new Images((id) => this.connection.request('image.get', { id }));

  me: Member | undefined;
  channels: ChannelInfo[] = [];
  name: string | undefined;
  /** The server knows name and channel of this tab, unless the session is lost and nobody noticed yet. */
  entered = false;

  private readonly key: string;
  private readonly timelines = new Map<string, Timeline>();
  private readonly news: News;
  private joined: string | undefined;
  private refreshing = false;

  constructor(
    private readonly tab: TextStore,
    browser: TextStore,
    public channel: string,
    private readonly view: ViewContext,
  ) {
    this.key = browser.read('key') ?? randomId();
    browser.write('key', this.key);
    this.name = tab.read('name');
    this.news = new News(browser);
    this.delivery = new Delivery(tab, (draft) => this.connection.request('message.send', draft), this);
    this.listen();
  }

  get isOpen(): boolean {
    return this.connection.status.state === 'open';
  }

  /** Whether the server takes messages of this tab now. */
  get canSend(): boolean {
    return this.entered && this.isOpen;
  }

  get timeline(): Timeline {
    const timeline = this.timelines.get(this.channel) ?? new Timeline();
    this.timelines.set(this.channel, timeline);
    return timeline;
  }

  hasNews(info: ChannelInfo): boolean {
    return info.name !== this.channel && this.news.in(info);
  }

  async enter(name: string): Promise<void> {
    this.name = name;
    this.tab.write('name', name);
    this.entered = false;
    await this.arrive();
  }

  async open(channel: string): Promise<void> {
    if (channel === this.channel) return;
    this.channel = channel;
    this.joined = undefined;
    this.company.clear();
    this.changed$.next();
    await this.attempt(() => this.join());
  }

  async write(text: string, image?: Uint8Array): Promise<void> {
    this.delivery.add({ id: randomId(), channel: this.channel, text, image });
    await this.attempt(() => this.delivery.flush());
  }

  async writeAgain(id: string): Promise<void> {
    this.delivery.again(id);
    await this.attempt(() => this.delivery.flush());
  }

  /** The messages before the first that is shown, or those before what follows a gap. */
  async readBack(gap?: GapEntry): Promise<void> {
    const { channel, timeline } = this;
    const before = gap?.at ?? timeline.firstAt;
    if (before === undefined) return;
    await this.attempt(async () => {
      const page = await this.connection.request('channel.history', { channel, before });
      if (gap) timeline.fill(gap, page);
      else timeline.merge(page);
      this.changed$.next();
    });
  }

  tellTyping(typing: boolean): void {
    if (this.canSend) this.connection.send('typing', { typing });
  }

  /** The user has the newest messages before their eyes. */
  look(): void {
    const info = this.channels.find(({ name }) => name === this.channel);
    if (this.joined !== info?.name || !info || document.hidden) return;
    this.news.see(info);
    const at = this.timeline.newestMessageAt;
    if (at !== undefined) this.company.receipts.tell(this.channel, at);
  }

  /** A message of ours was confirmed, or one of somebody came. */
  receive(message: Message): void {
    this.delivery.confirm(message.id);
    this.timelines.get(message.channel)?.add(message);
    this.company.typists.drop(message.author.id);
    if (message.author.id !== this.me?.id) this.heard$.next(message);
    this.changed$.next();
  }

  /** Not while a channel is being opened: what is told then may be of the one before. */
  tell({ type, member }: PeopleNews): void {
    if (this.joined !== this.channel) return;
    const { joined, leaves } = this.view.texts;
    this.timeline.addNotice((type === 'joined' ? joined : leaves)(member.name));
  }

  close(): void {
    this.company.close();
    this.images.close();
    this.connection.close();
  }

  private listen(): void {
    const { connection } = this;
    connection.on('message').subscribe((message) => this.receive(message));
    connection.on('channel').subscribe((info) => this.applyInfo(info));
    connection.gaps$.subscribe(({ channel }) => {
      if (channel === undefined) this.entered = false;
      else this.refresh();
    });
    connection.status$.subscribe(({ state }) => {
      if (state === 'open') void this.arrive();
      else this.interrupted();
    });
  }

  private interrupted(): void {
    this.company.interrupted();
    this.changed$.next();
  }

  /** A session that is still the same knows where it is; a new one is told: name, channel, what is unsent. */
  private async arrive(): Promise<void> {
    const { name } = this;
    if (!name || !this.isOpen) return;
    await this.attempt(async () => {
      if (!this.entered) await this.introduce(name);
      await this.delivery.flush();
    });
    this.changed$.next();
  }

  /** Of some channel something is missing: one answer of the server brings all of them up to date. */
  private refresh(): void {
    if (this.refreshing) return;
    this.refreshing = true;
    queueMicrotask(() => {
      this.refreshing = false;
      if (this.entered) void this.attempt(() => this.join());
    });
  }

  private async introduce(name: string): Promise<void> {
    const { me, channels } = await this.connection.request('enter', { key: this.key, name });
    this.me = me;
    this.news.begin(channels);
    if (!channels.some((known) => known.name === this.channel)) this.channel = channels[0]!.name;
    await this.join();
    this.entered = true;
  }

  private async join(): Promise<void> {
    const joined = await this.connection.request('channel.join', { channel: this.channel });
    const { channel, channels, page, seen } = joined;
    this.channels = channels;
    if (channel !== this.channel) return;
    this.timeline.merge(page);
    this.timeline.markNewSince(this.news.seenAt(channel), this.me);
    this.joined = channel;
    for (const { id } of page.messages) this.delivery.confirm(id);
    this.company.receipts.reset(seen);
    this.changed$.next();
  }

  private applyInfo(info: ChannelInfo): void {
    this.channels = this.channels.map((known) => (known.name === info.name ? info : known));
    this.changed$.next();
  }

  /** A connection or a session that is lost is no failure here: `arrive` does the rest on the next one. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isLost(error)) return;
      if (!(error instanceof RequestFailedError) || this.entered) throw error;
      this.nameRefused$.next();
    }
  }
}
