import { type ChannelInfo } from '../../chat/chat.protocol.js';
import { byId, make, type Row, showRows } from '../dom.js';
import { type ChatClient } from './chat-client.js';

const PREFIX = '#/chat/';

/** Channels are links, so that a channel can be bookmarked, shared and gone back to. */
export class ChannelList {
  private readonly list = byId('channels', HTMLUListElement);
  private readonly panel = byId('channels-panel', HTMLElement);
  private readonly heading = byId('channel-name', HTMLHeadingElement);
  private readonly about = byId('channel-about', HTMLParagraphElement);

  constructor(private readonly chat: ChatClient) {
    window.addEventListener('hashchange', () => {
      const channel = channelInAddress();
      if (chat.channels.some(({ name }) => name === channel)) void chat.open(channel!);
    });
    this.list.addEventListener('click', () => this.panel.hidePopover());
  }

  show(): void {
    const { channels, channel } = this.chat;
    this.heading.textContent = channel;
    this.about.textContent = channels.find(({ name }) => name === channel)?.about ?? '';
    showRows(
      this.list,
      channels.map((info) => this.row(info)),
    );
  }

  private row(info: ChannelInfo): Row {
    const current = info.name === this.chat.channel;
    const news = this.chat.hasNews(info);
    return {
      key: info.name,
      version: `${current} ${news} ${info.people}`,
      build: () => make('li', '', linkTo(info, current, news)),
    };
  }
}

export function channelInAddress(): string | undefined {
  return location.hash.startsWith(PREFIX)
    ? decodeURIComponent(location.hash.slice(PREFIX.length))
    : undefined;
}

function linkTo({ name, people }: ChannelInfo, current: boolean, news: boolean): HTMLAnchorElement {
  const link = make('a', 'channel', make('span', 'name', name));
  link.href = PREFIX + encodeURIComponent(name);
  if (current) link.ariaCurrent = 'page';
  if (news) link.append(make('span', 'news', make('span', 'sr-only', ', new messages')));
  if (people > 0) link.append(make('span', 'count', String(people), make('span', 'sr-only', ' here')));
  return link;
}
