import { type GatewaySession, type Person } from 'nestwire';
import { type Member } from './chat.protocol.js';

/** What a session is to the chat once it has told its name. */
export interface Seat {
  readonly member: Member;
  channel?: string | undefined;
}

export interface Seated {
  seat?: Seat | undefined;
}

/** Whom others see in the channels that a session joins: all tabs of one person are one. */
export function personIn({ data }: GatewaySession): Person {
  const { member } = (data as Seated).seat!;
  return { key: member.id, info: member };
}
