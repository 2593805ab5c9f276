import { UnauthorizedException } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, OnDisconnect, Payload, Subscribe } from 'nestwire';
import { type ChatChannel } from './chat-channel.js';
import {
  ChatProtocol,
  type Draft,
  type Enter,
  type Entered,
  type JoinChannel,
  type Joined,
  type Member,
  type Message,
  type Typing,
} from './chat.protocol.js';
import { ChatService } from './chat.service.js';

/** What a session is to the chat once it has told its name. */
interface Seat {
  readonly member: Member;
  channel?: ChatChannel | undefined;
}

type ChatSession = GatewaySession<typeof ChatProtocol, { seat?: Seat | undefined }>;

/** "Replaced by a newer connection": the page of the older one stays away. */
const REPLACED = 4409;

/**
 * Every handler changes seats and channels before it first awaits, so that a session which ends in between
 * is found, and taken away, where it really is.
 */
@Gateway({ path: '/chat', protocol: ChatProtocol })
export class ChatGateway {
  /** The one session of each member. */
  private readonly sessions = new Map<string, ChatSession>();

  constructor(private readonly chat: ChatService) {}

  @Subscribe(ChatProtocol, 'enter')
  async enter(@Payload() body: Enter, @CurrentSession() session: ChatSession): Promise<Entered> {
    const left = this.vacate(session);
    const me = this.chat.identify(body);
    session.data.seat = { member: me, channel: this.replace(me) };
    this.sessions.set(me.id, session);
    await Promise.all([left, session.join(this.chat.directory)]);
    return { me, channels: this.chat.list() };
  }

  @Subscribe(ChatProtocol, 'channel.join')
  async join(@Payload() body: JoinChannel, @CurrentSession() session: ChatSession): Promise<Joined> {
    const seat = seatOf(session);
    const channel = this.chat.find(body.channel);
    const left = seat.channel === channel ? undefined : leaveChannel(session, seat);
    seat.channel = channel;
    await Promise.all([left, ...channel.feeds.map((feed) => session.join(feed)), channel.join(seat.member)]);
    return channel.snapshot();
  }

  @Subscribe(ChatProtocol, 'message.send')
  send(@Payload() draft: Draft, @CurrentSession() session: ChatSession): Promise<Message> {
    const { member } = seatOf(session);
    return this.chat.find(draft.channel).post(member, draft);
  }

  @Subscribe(ChatProtocol, 'typing')
  async typing(@Payload() { typing }: Typing, @CurrentSession() session: ChatSession): Promise<void> {
    const { member, channel } = seatOf(session);
    await channel?.type(member, typing);
  }

  @Subscribe(ChatProtocol, 'ping')
  ping(): 'pong' {
    return 'pong';
  }

  @OnDisconnect()
  async disconnect(@CurrentSession() session: ChatSession): Promise<void> {
    await this.vacate(session);
  }

  /** Ends an older session of the same tab (its connection may be dead unnoticed) and hands its place on. */
  private replace(member: Member): ChatChannel | undefined {
    const older = this.sessions.get(member.id);
    if (!older) return undefined;
    const channel = older.data.seat?.channel;
    older.data.seat = undefined;
    older.close(REPLACED, 'the same tab connected again');
    return channel;
  }

  private async vacate(session: ChatSession): Promise<void> {
    const { seat } = session.data;
    if (!seat) return;
    session.data.seat = undefined;
    this.sessions.delete(seat.member.id);
    await leaveChannel(session, seat);
  }
}

function seatOf(session: ChatSession): Seat {
  const { seat } = session.data;
  if (!seat) throw new UnauthorizedException('Enter with a name first');
  return seat;
}

async function leaveChannel(session: ChatSession, seat: Seat): Promise<void> {
  for (const feed of seat.channel?.feeds ?? []) session.leave(feed);
  await seat.channel?.leave(seat.member);
}
