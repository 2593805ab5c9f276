import * as MessagePack from '@msgpack/msgpack';
import {
  ClientClosedError,
  connect,
  msgpack,
  OutcomeUnknownError,
  RequestFailedError,
  RequestTimedOutError,
} from 'nestwire/client';
import { Subject } from 'rxjs';
import {
  type ChannelInfo,
  ChatProtocol,
  type Member,
  type Message,
  type PeopleChange,
} from '../../chat/chat.protocol.js';
import { randomId } from '../random-id.js';
import { type TextStore } from '../text-store.js';
import { Delivery } from './delivery.js';
import { Images } from './images.js';
import { News } from './news.js';
import { Presence } from './presence.js';
import { Receipts } from './receipts.js';
import { type GapEntry, Timeline } from './timeline.js';
import { Typists } from './typists.js';
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
  readonly presence = new Presence();
  readonly typists = new Typists(() => this.changed$.next());
  readonly receipts: Receipts;
  readonly delivery: Delivery;
  readonly images = new Images((id) => this.connection.request('image.get', { id }));

  me: Member | undefined;
  channels: ChannelInfo[] = [];
  name: string | undefined;

  private readonly key: string;
  private readonly timelines = new Map<string, Timeline>();
  private readonly news: News;
  private entered = false;
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
    this.receipts = new Receipts((seen) => this.entered && this.connection.send('seen', seen));
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
    this.presence.clear();
    this.typists.clear();
    this.receipts.clear();
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
    if (at !== undefined) this.receipts.tell(this.channel, at);
  }

  /** A message of ours was confirmed, or one of somebody came. */
  receive(message: Message): void {
    this.delivery.confirm(message.id);
    this.timelines.get(message.channel)?.add(message);
    this.typists.drop(message.author.id);
    if (message.author.id !== this.me?.id) this.heard$.next(message);
    this.changed$.next();
  }

  close(): void {
    this.typists.clear();
    this.receipts.close();
    this.images.close();
    this.connection.close();
  }

  private listen(): void {
    const { connection } = this;
    connection.on('message').subscribe((message) => this.receive(message));
    connection.on('people').subscribe((change) => this.applyPeople(change));
    connection.on('channel').subscribe((info) => this.applyInfo(info));
    connection.on('typing').subscribe((change) => {
      if (change.channel === this.channel && change.member.id !== this.me?.id) this.typists.apply(change);
      this.changed$.next();
    });
    connection.on('seen').subscribe((change) => {
      if (change.channel === this.channel) this.receipts.apply(change);
      this.changed$.next();
    });
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
    if (this.entered) this.presence.expectReturn();
    this.typists.clear();
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
    const { channel, channels, page, people, seen } = joined;
    this.channels = channels;
    if (channel !== this.channel) return;
    this.timeline.merge(page);
    this.timeline.markNewSince(this.news.seenAt(channel), this.me);
    this.joined = channel;
    for (const { id } of page.messages) this.delivery.confirm(id);
    this.presence.reset(people);
    this.receipts.reset(seen);
    this.changed$.next();
  }

  private applyPeople(change: PeopleChange): void {
    const { channel, member, at } = change;
    if (channel !== this.channel) return;
    this.typists.drop(member.id);
    if (this.presence.apply(change) && member.id !== this.me?.id) {
      const { joined, leaves } = this.view.texts;
      this.timeline.addNotice(at, (change.change === 'joined' ? joined : leaves)(member.name));
    }
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
      if (error instanceof RequestFailedError) this.nameRefused(error);
      else if (!LOST.some((kind) => error instanceof kind)) throw error;
    }
  }

  private nameRefused(error: RequestFailedError): void {
    if (this.entered) throw error;
    this.nameRefused$.next();
  }
}

const LOST = [OutcomeUnknownError, ClientClosedError, RequestTimedOutError];
