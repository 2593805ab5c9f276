import { defineProtocol } from 'nestwire/protocol';
import { z } from 'zod';
import { NAME_LENGTH, TEXT_LENGTH } from './chat.limits.js';

/** One line without control characters and without marks that turn the reading direction of what follows. */
const Name = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH)
  .regex(/^[^\p{Cc}\p{Bidi_Control}]+$/u);

/** 128 random bits or so, in letters that need no escape anywhere. */
const RandomId = z.string().regex(/^[\w-]{16,64}$/);

const ChannelName = z.string().max(NAME_LENGTH);

export const Member = z.object({ id: z.string(), name: Name });
export type Member = z.infer<typeof Member>;

/** `id` is made by the sender, so that a message sent again after a lost answer is known for what it is. */
export const Draft = z.object({
  id: RandomId,
  channel: ChannelName,
  text: z.string().trim().min(1).max(TEXT_LENGTH),
});
export type Draft = z.infer<typeof Draft>;

/** `at`: milliseconds since 1970 on the server's clock, strictly increasing within a channel. */
export const Message = Draft.extend({ author: Member, at: z.number() });
export type Message = z.infer<typeof Message>;

export const ChannelInfo = z.object({
  name: ChannelName,
  about: z.string(),
  people: z.number(),
  /** `at` of the newest message; 0 without one. */
  lastAt: z.number(),
});
export type ChannelInfo = z.infer<typeof ChannelInfo>;

export const PeopleChange = z.object({
  channel: ChannelName,
  change: z.enum(['joined', 'left']),
  member: Member,
  at: z.number(),
});
export type PeopleChange = z.infer<typeof PeopleChange>;

export const TypingChange = z.object({ channel: ChannelName, member: Member, typing: z.boolean() });
export type TypingChange = z.infer<typeof TypingChange>;

/** `key` is known to one tab only; who returns with it is the same member again. */
export const Enter = z.object({ key: RandomId, name: Name });
export type Enter = z.infer<typeof Enter>;

export const Entered = z.object({ me: Member, channels: z.array(ChannelInfo) });
export type Entered = z.infer<typeof Entered>;

export const JoinChannel = z.object({ channel: ChannelName });
export type JoinChannel = z.infer<typeof JoinChannel>;

export const Joined = z.object({
  channel: ChannelName,
  messages: z.array(Message),
  people: z.array(Member),
});
export type Joined = z.infer<typeof Joined>;

export const Typing = z.object({ typing: z.boolean() });
export type Typing = z.infer<typeof Typing>;

export const ChatProtocol = defineProtocol('chat.v1', {
  client: {
    enter: { payload: Enter, reply: Entered },
    'channel.join': { payload: JoinChannel, reply: Joined },
    'message.send': { payload: Draft, reply: Message },
    typing: { payload: Typing },
    /** Browsers hide the ping frames of the WebSocket, so a page that has heard nothing for long asks like this. */
    ping: { reply: z.literal('pong') },
  },
  server: {
    message: Message,
    people: PeopleChange,
    typing: TypingChange,
    channel: ChannelInfo,
  },
});
