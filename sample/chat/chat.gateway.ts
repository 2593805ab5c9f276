import { UnauthorizedException } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe } from 'nestwire';
import {
  ChatProtocol,
  type Draft,
  type Enter,
  type Entered,
  type GetImage,
  type Image,
  type JoinChannel,
  type Joined,
  type Message,
  type MessagePage,
  type ReadHistory,
  type Seen,
  type Typing,
} from './chat.protocol.js';
import { ChatService } from './chat.service.js';
import { type Seat, type Seated } from './seat.js';

type ChatSession = GatewaySession<typeof ChatProtocol, Seated>;

/**
 * Every handler changes the seat before it first awaits: two that run at a time find the same. A session that ends
 * is taken out of its channels by Nestwire.
 */
@Gateway({ path: '/chat', protocol: ChatProtocol })
export class ChatGateway {
  constructor(private readonly chat: ChatService) {}

  @Subscribe(ChatProtocol, 'enter')
  async enter(@Payload() body: Enter, @CurrentSession() session: ChatSession): Promise<Entered> {
    this.leaveChannel(session);
    const me = this.chat.identify(body);
    session.data.seat = { member: me };
    await session.join(this.chat.directory);
    return { me, channels: this.chat.list() };
  }

  @Subscribe(ChatProtocol, 'channel.join')
  async join(@Payload() body: JoinChannel, @CurrentSession() session: ChatSession): Promise<Joined> {
    const seat = seatOf(session);
    const channel = this.chat.find(body.channel);
    if (seat.channel !== channel.name) {
      this.leaveChannel(session);
      seat.channel = channel.name;
      await Promise.all(channel.feeds.map((feed) => session.join(feed)));
    }
    return { ...channel.snapshot(), channels: this.chat.list() };
  }

  @Subscribe(ChatProtocol, 'channel.history')
  history(@Payload() { channel, before }: ReadHistory, @CurrentSession() session: ChatSession): MessagePage {
    seatOf(session);
    return this.chat.find(channel).history(before);
  }

  @Subscribe(ChatProtocol, 'message.send')
  send(@Payload() draft: Draft, @CurrentSession() session: ChatSession): Promise<Message> {
    return this.chat.post(seatOf(session).member, draft);
  }

  @Subscribe(ChatProtocol, 'image.get')
  image(@Payload() { id }: GetImage, @CurrentSession() session: ChatSession): Promise<Image> {
    seatOf(session);
    return this.chat.image(id);
  }

  @Subscribe(ChatProtocol, 'seen')
  async seen(@Payload() { channel, at }: Seen, @CurrentSession() session: ChatSession): Promise<void> {
    const seat = seatOf(session);
    if (seat.channel === channel) await this.chat.find(channel).see(seat.member, at);
  }

  @Subscribe(ChatProtocol, 'typing')
  async typing(@Payload() { typing }: Typing, @CurrentSession() session: ChatSession): Promise<void> {
    const { member, channel } = seatOf(session);
    if (channel !== undefined) await this.chat.find(channel).type(member, typing);
  }

  private leaveChannel(session: ChatSession): void {
    const channel = session.data.seat?.channel;
    if (channel === undefined) return;
    for (const feed of this.chat.find(channel).feeds) session.leave(feed);
  }
}

function seatOf(session: ChatSession): Seat {
  const { seat } = session.data;
  if (!seat) throw new UnauthorizedException('Enter with a name first');
  return seat;
}
