import {
  type Channel,
  Channels,
  CurrentSession,
  Gateway,
  GatewaySession,
  OnConnect,
  Subscribe,
} from 'nestwire';

/** Clients are in `news`, and may join `more`; of each the last three publications are kept. */
@Gateway('/feed')
export class FeedGateway {
  readonly sessions: GatewaySession[] = [];
  readonly news: Channel<number>;
  readonly more: Channel<number>;

  constructor(channels: Channels) {
    this.news = channels.channel('news', { event: 'news', history: { size: 3 } });
    this.more = channels.channel('more', { event: 'more', history: { size: 3 } });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): Promise<void> {
    this.sessions.push(session);
    return session.join(this.news);
  }

  @Subscribe('more')
  async joinMore(@CurrentSession() session: GatewaySession): Promise<void> {
    await session.join(this.more);
  }
}
