import type { PresentPerson } from './broker-presence.js';

/** What is told of a channel's people: at first who is there, then who comes and who goes. */
export type PresenceEvent<Info = unknown> =
  | { readonly type: 'present'; readonly people: readonly Present<Info>[] }
  | { readonly type: 'joined' | 'left'; readonly person: Present<Info> };

/** A person, with info of a known type. */
export interface Present<Info = unknown> extends PresentPerson {
  readonly info: Info;
}
