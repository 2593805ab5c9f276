/** Brokers that break the promise, each in one way: who would not notice that proves nothing about others. */
import type { Broker, BrokerPublication, Position, Replay } from '../../lib/channel/index.js';

export type Defect = 'de-duplication' | 'epochs' | 'replay';

/** Repeated by the broker whose replay overlaps with what was delivered before. */
const OVERLAP = 3;

/** @returns the broker, with this defect; without one as it is */
export function broken(broker: Broker, defect: Defect | undefined): Broker {
  const methods = defect && DEFECTS[defect](broker);
  if (!methods) return broker;
  return new Proxy(broker, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const DEFECTS: Readonly<Record<Defect, (broker: Broker) => Partial<Broker>>> = {
  /** What a client has is sent again when it comes back. */
  'de-duplication': (broker) => ({
    history: (channel, after) =>
      broker.history(channel, after && { ...after, offset: Math.max(0, after.offset - OVERLAP) }),
  }),

  /** Whatever Redis has lost, it goes on under the same name. */
  epochs: (broker) => ({
    publish: async (channel, body, history) => sameEpoch(await broker.publish(channel, body, history)),
    subscribe: (channel, deliver) =>
      broker.subscribe(channel, (publication) => deliver(sameEpochOf(publication))),
    history: async (channel, after) => forgetful(await broker.history(channel, undefined), after),
  }),

  /** The newest is all there was, it says. */
  replay: (broker) => ({
    history: async (channel, after) => {
      const replay = await broker.history(channel, after);
      return { ...replay, publications: replay.publications.slice(-1) };
    },
  }),
};

const sameEpoch = <P extends Position | undefined>(position: P): P =>
  position && { ...position, epoch: 'same' };

const sameEpochOf = <P extends BrokerPublication>(publication: P): P => ({
  ...publication,
  position: sameEpoch(publication.position),
});

function forgetful({ publications, position }: Replay, after: Position | undefined): Replay {
  const missed = publications.filter(({ position: { offset } }) => offset > (after?.offset ?? 0));
  return { recovered: true, publications: missed.map(sameEpochOf), position: sameEpoch(position) };
}
