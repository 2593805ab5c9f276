import type { Broker } from '../channel/index.js';
import type { Limits } from '../session/index.js';
import type { HeartbeatTimes, OriginPolicy, PerMessageDeflateOptions } from '../transport/websocket/index.js';

/** Options of `NestwireModule.forRoot`. */
export interface NestwireOptions {
  /** What carries publications between the processes of an application. Default: the memory of this one. */
  readonly broker?: Broker;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /**
   * Which origins may connect: `same` (default), `any`, a list of origins and RegExps, or a function.
   * A gateway may set its own.
   */
  readonly origin?: OriginPolicy;
  /** Pings, and the end of clients that fall silent; false for none. Default every 25 s, 20 s of silence. */
  readonly heartbeat?: Partial<HeartbeatTimes> | false;
  /** Compresses messages over WebSocket (RFC 7692). Default false; true is the same as `{}`. */
  readonly compression?: boolean | PerMessageDeflateOptions;
}
