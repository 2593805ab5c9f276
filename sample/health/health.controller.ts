import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { NestwireHealth } from 'nestwire';

/** For whoever starts and stops processes, and sends clients to them. */
@Controller('health')
export class HealthController {
  constructor(private readonly nestwire: NestwireHealth) {}

  /** Whether the process answers at all; one that does not may be ended. */
  @Get('live')
  live(): object {
    return { status: 'up' };
  }

  /** Whether it should get clients: not while it shuts down, nor without Redis. */
  @Get('ready')
  ready(): object {
    const health = this.nestwire.check();
    if (health.nestwire.status === 'down') throw new ServiceUnavailableException(health);
    return health;
  }
}
