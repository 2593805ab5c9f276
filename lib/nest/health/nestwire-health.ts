import { Inject, Injectable } from '@nestjs/common';
import type { Broker } from '../../channel/index.js';
import { NESTWIRE_BROKER } from '../nestwire.constants.js';
import { Shutdown } from '../shutdown/shutdown.js';

/** As `@nestjs/terminus` wants it: `HealthIndicatorResult`. */
export type NestwireHealthResult<Key extends string> = Record<
  Key,
  { readonly status: 'up' | 'down'; readonly shutdown: boolean; readonly broker?: 'up' | 'down' }
>;

/** Whether the application should get clients, for the readiness check of `@nestjs/terminus`. */
@Injectable()
export class NestwireHealth {
  constructor(
    private readonly shutdown: Shutdown,
    @Inject(NESTWIRE_BROKER) private readonly broker: Broker,
  ) {}

  /** Down from the beginning of a shutdown, and while the broker says that it is. */
  check<Key extends string = 'nestwire'>(key = 'nestwire' as Key): NestwireHealthResult<Key> {
    const { isUp } = this.broker;
    const shutdown = this.shutdown.hasBegun;
    const health = {
      status: shutdown || isUp === false ? 'down' : 'up',
      shutdown,
      ...(isUp !== undefined && { broker: isUp ? 'up' : 'down' }),
    } as const;
    return { [key]: health } as NestwireHealthResult<Key>;
  }
}
