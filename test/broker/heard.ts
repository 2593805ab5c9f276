import type { Broker, BrokerPublication, Position } from '../../lib/channel/index.js';

/** Of a test's channels. */
export const HISTORY = { size: 100, bytes: 100_000, ageMs: Number.POSITIVE_INFINITY };

/** What a subscription is told. */
export interface Heard {
  readonly got: BrokerPublication[];
  readonly lost: Position[];
}

/** Settles when nothing will be missed from now on. */
export async function hear(broker: Broker, channel = 'c'): Promise<Heard> {
  const heard: Heard = { got: [], lost: [] };
  await broker.subscribe(
    channel,
    (publication) => heard.got.push(publication),
    (position) => heard.lost.push(position),
  ).ready;
  return heard;
}
