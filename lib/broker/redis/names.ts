/**
 * Names in Redis. A channel's name stands in braces, so that all of its keys are in one slot of a cluster; what
 * would end the braces, or can't be written in UTF-8, is escaped. The prefix has no brace: no name of a channel
 * gets out of its own.
 */
const SPECIAL = /[%{}]|\p{Surrogate}/gu;

const escape = (name: string): string =>
  name.replace(SPECIAL, (char) => `%${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The hash and the list of a channel's history, and the hash of ids in it. */
export function keysOf(prefix: string, channel: string): [hash: string, list: string, ids: string] {
  const key = `${prefix}:{${escape(channel)}}`;
  return [`${key}:h`, `${key}:l`, `${key}:i`];
}

/** The hash and the sorted set of who is in a channel. */
export function presenceKeysOf(prefix: string, channel: string): [people: string, nodes: string] {
  const key = `${prefix}:{${escape(channel)}}`;
  return [`${key}:p`, `${key}:n`];
}

/** What is subscribed at Redis, whose Pub/Sub knows no databases. */
export function topicOf(prefix: string, db: number, channel: string): string {
  return `${prefix}:${db}:{${escape(channel)}}`;
}

/** Where changes of who is in a channel are told. */
export function presenceTopicOf(prefix: string, db: number, channel: string): string {
  return `${topicOf(prefix, db, channel)}:p`;
}
