import { type ChannelInfo } from '../../chat/chat.protocol.js';
import { byId, make, type Row, showRows } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { type ChatTexts } from './texts.js';
import { type ViewContext } from './view.js';

const PREFIX = '#/chat/';

/** Channels are links, so that a channel can be bookmarked, shared and gone back to. */
export class ChannelList {
  private readonly list = byId('channels', HTMLUListElement);
  private readonly panel = byId('channels-panel', HTMLElement);
  private readonly heading = byId('channel-name', HTMLHeadingElement);
  private readonly about = byId('channel-about', HTMLParagraphElement);

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {
    window.addEventListener('hashchange', () => this.follow(), { signal: view.signal });
    this.list.addEventListener('click', () => this.panel.hidePopover());
  }

  show(): void {
    const { channels, channel } = this.chat;
    this.heading.textContent = channel;
    this.about.textContent = this.view.texts.about[channel] ?? '';
    showRows(
      this.list,
      channels.map((info) => this.row(info)),
    );
  }

  private follow(): void {
    const channel = channelInAddress();
    if (this.chat.channels.some(({ name }) => name === channel)) void this.chat.open(channel!);
  }

  private row(info: ChannelInfo): Row {
    const current = info.name === this.chat.channel;
    const news = this.chat.hasNews(info);
    return {
      key: info.name,
      version: `${current} ${news} ${info.people}`,
      build: () => make('li', '', linkTo(info, current, news, this.view.texts)),
    };
  }
}

export function channelInAddress(): string | undefined {
  return location.hash.startsWith(PREFIX)
    ? decodeURIComponent(location.hash.slice(PREFIX.length))
    : undefined;
}

function linkTo(
  { name, people }: ChannelInfo,
  current: boolean,
  news: boolean,
  texts: ChatTexts,
): HTMLAnchorElement {
  const link = make('a', 'channel', make('span', 'name', name));
  link.href = PREFIX + encodeURIComponent(name);
  if (current) link.ariaCurrent = 'page';
  if (news) link.append(make('span', 'news', make('span', 'sr-only', texts.newMessages)));
  if (people > 0) link.append(make('span', 'count', String(people), make('span', 'sr-only', texts.here)));
  return link;
}
