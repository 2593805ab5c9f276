import type { Stage } from './stage.js';

/** How long faults last, in seconds. */
export interface Durations {
  /** Load before a fault, and after it. */
  readonly loadS: number;
  /** What is frozen, slow or silent. */
  readonly freezeS: number;
  /** Redis away for long. */
  readonly outageS: number;
}

/** Something that goes wrong under load. */
export interface Fault {
  readonly name: string;
  /** How it is made, for the table. */
  readonly recipe: string;
  /** What readers may be told to be missing. `must`: what was acknowledged is gone, and silence would be a lie. */
  readonly gaps: 'none' | 'may' | 'must';
  /** For how many seconds it may hold publications up, also on their way to who keeps the connection. Default 0. */
  readonly delayS?: (durations: Durations) => number;
  /** Whether this machine has what it takes. Default: it has. */
  readonly isPossible?: boolean;
  /** Of the broker, with the Redis that goes with it. Default `memory`. */
  readonly durability?: 'always';
  /** Makes it, and leaves everything as it was. */
  run(stage: Stage, durations: Durations): Promise<void>;
}
