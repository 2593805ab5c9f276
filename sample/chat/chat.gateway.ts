import { UnauthorizedException } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, OnDisconnect, Payload, Subscribe } from 'nestwire';
import { type ChatChannel } from './chat-channel.js';
import {
  ChatProtocol,
  type Draft,
  type Enter,
  type Entered,
  type GetImage,
  type Image,
  type JoinChannel,
  type Joined,
  type Member,
  type Message,
  type MessagePage,
  type ReadHistory,
  type Seen,
  type Typing,
} from './chat.protocol.js';
import { ChatService } from './chat.service.js';

/** What a session is to the chat once it has told its name. */
interface Seat {
  readonly member: Member;
  channel?: ChatChannel | undefined;
}

type ChatSession = GatewaySession<typeof ChatProtocol, { seat?: Seat | undefined }>;

/**
 * Every handler changes seats and channels before it first awaits, so that a session which ends in between
 * is found, and taken away, where it really is.
 */
@Gateway({ path: '/chat', protocol: ChatProtocol })
export class ChatGateway {
  constructor(private readonly chat: ChatService) {}

  @Subscribe(ChatProtocol, 'enter')
  async enter(@Payload() body: Enter, @CurrentSession() session: ChatSession): Promise<Entered> {
    const left = vacate(session);
    const me = this.chat.identify(body);
    session.data.seat = { member: me };
    await Promise.all([left, session.join(this.chat.directory)]);
    return { me, channels: this.chat.list() };
  }

  @Subscribe(ChatProtocol, 'channel.join')
  async join(@Payload() body: JoinChannel, @CurrentSession() session: ChatSession): Promise<Joined> {
    const seat = seatOf(session);
    const channel = this.chat.find(body.channel);
    if (seat.channel !== channel) {
      const left = leaveChannel(session, seat);
      seat.channel = channel;
      await Promise.all([
        left,
        ...channel.feeds.map((feed) => session.join(feed)),
        channel.join(seat.member),
      ]);
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
    if (seat.channel?.name === channel) await seat.channel.see(seat.member, at);
  }

  @Subscribe(ChatProtocol, 'typing')
  async typing(@Payload() { typing }: Typing, @CurrentSession() session: ChatSession): Promise<void> {
    const { member, channel } = seatOf(session);
    await channel?.type(member, typing);
  }

  @OnDisconnect()
  async disconnect(@CurrentSession() session: ChatSession): Promise<void> {
    await vacate(session);
  }
}

function seatOf(session: ChatSession): Seat {
  const { seat } = session.data;
  if (!seat) throw new UnauthorizedException('Enter with a name first');
  return seat;
}

async function vacate(session: ChatSession): Promise<void> {
  const { seat } = session.data;
  if (!seat) return;
  session.data.seat = undefined;
  await leaveChannel(session, seat);
}

async function leaveChannel(session: ChatSession, seat: Seat): Promise<void> {
  for (const feed of seat.channel?.feeds ?? []) session.leave(feed);
  await seat.channel?.leave(seat.member);
}
