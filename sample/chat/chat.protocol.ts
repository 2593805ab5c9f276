import { defineProtocol } from 'nestwire/protocol';
import { z } from 'zod';
import { IMAGE_BYTES, NAME_LENGTH, TEXT_LENGTH } from './chat.limits.js';

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

const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const ImageType = z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

const said = {
  /** Made by the sender, so that a message sent again after a lost answer is known for what it is. */
  id: RandomId,
  channel: ChannelName,
  text: z.string().trim().max(TEXT_LENGTH),
};

/** Text, or an image, or both. Bytes travel as they are, for the codec is MessagePack. */
export const Draft = z
  .object({
    ...said,
    image: Bytes.refine(({ length }) => length <= IMAGE_BYTES, `more than ${IMAGE_BYTES} bytes`).optional(),
  })
  .refine(({ text, image }) => text !== '' || image !== undefined, 'nothing is said');
export type Draft = z.infer<typeof Draft>;

export const ImageInfo = z.object({ id: z.string(), type: ImageType });
export type ImageInfo = z.infer<typeof ImageInfo>;

/** `at`: milliseconds since 1970 on the server's clock, strictly increasing within a channel. */
export const Message = z.object({ ...said, author: Member, at: z.number(), image: ImageInfo.optional() });
export type Message = z.infer<typeof Message>;

/** `more`: there are earlier ones. */
export const MessagePage = z.object({ messages: z.array(Message), more: z.boolean() });
export type MessagePage = z.infer<typeof MessagePage>;

export const ReadHistory = z.object({ channel: ChannelName, before: z.number() });
export type ReadHistory = z.infer<typeof ReadHistory>;

export const GetImage = z.object({ id: z.string().max(64) });
export type GetImage = z.infer<typeof GetImage>;

export const Image = z.object({ type: ImageType, bytes: Bytes });
export type Image = z.infer<typeof Image>;

/** A member has read a channel up to this time. */
export const Seen = z.object({ channel: ChannelName, at: z.number() });
export type Seen = z.infer<typeof Seen>;

export const SeenChange = Seen.extend({ member: Member });
export type SeenChange = z.infer<typeof SeenChange>;

export const ChannelInfo = z.object({
  name: ChannelName,
  people: z.number(),
  /** `at` of the newest message; 0 without one. */
  lastAt: z.number(),
});
export type ChannelInfo = z.infer<typeof ChannelInfo>;

const Person = z.object({ key: z.string(), info: Member });

/** What the presence of a channel tells: who is here, then who comes and who goes. */
export const PeopleEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('present'), people: z.array(Person) }),
  z.object({ type: z.enum(['joined', 'left']), person: Person }),
]);
export type PeopleEvent = z.infer<typeof PeopleEvent>;

export const TypingChange = z.object({ channel: ChannelName, member: Member, typing: z.boolean() });
export type TypingChange = z.infer<typeof TypingChange>;

/** `key` is known to one browser only; who comes with it under the same name is the same member. */
export const Enter = z.object({ key: RandomId, name: Name });
export type Enter = z.infer<typeof Enter>;

export const Entered = z.object({ me: Member, channels: z.array(ChannelInfo) });
export type Entered = z.infer<typeof Entered>;

export const JoinChannel = z.object({ channel: ChannelName });
export type JoinChannel = z.infer<typeof JoinChannel>;

export const Joined = z.object({
  channel: ChannelName,
  channels: z.array(ChannelInfo),
  page: MessagePage,
  seen: z.array(SeenChange),
});
export type Joined = z.infer<typeof Joined>;

export const Typing = z.object({ typing: z.boolean() });
export type Typing = z.infer<typeof Typing>;

export const ChatProtocol = defineProtocol('chat.v1', {
  client: {
    enter: { payload: Enter, reply: Entered },
    'channel.join': { payload: JoinChannel, reply: Joined },
    'channel.history': { payload: ReadHistory, reply: MessagePage },
    'message.send': { payload: Draft, reply: Message },
    'image.get': { payload: GetImage, reply: Image },
    seen: { payload: Seen },
    typing: { payload: Typing },
  },
  server: {
    message: Message,
    people: PeopleEvent,
    seen: SeenChange,
    typing: TypingChange,
    channel: ChannelInfo,
  },
});
