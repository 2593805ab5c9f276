import type { BrokerPublication } from '../channel/index.js';

export type Deliver = (publication: BrokerPublication) => void;

/** A subscriber's mistake is thrown where it harms nobody else: out of a tick of its own. */
export function guarded(deliver: () => void): void {
  try {
    deliver();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
