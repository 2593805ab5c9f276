import { describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Gateway, NestwireHealth, Subscribe } from 'nestwire';
import { startApp } from '../../support/test-app.js';
import { WsClient } from '../../support/ws-client.js';

let finish: () => void;

@Gateway('/busy')
class BusyGateway {
  @Subscribe('work')
  work(): Promise<void> {
    return new Promise((resolve) => (finish = resolve));
  }
}

@Controller('ready')
class ReadyController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly nestwire: NestwireHealth,
  ) {}

  @Get()
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.nestwire.check()]);
  }
}

describe('the health of an application', () => {
  it('is up while it serves, and down as soon as it shuts down', async () => {
    const { address, close } = await startApp({
      module: {
        imports: [TerminusModule.forRoot({ logger: false })],
        controllers: [ReadyController],
        providers: [BusyGateway],
      },
    });
    const ready = async (): Promise<[number, unknown]> => {
      const response = await fetch(`http://${address}/ready`, { headers: { Connection: 'close' } });
      return [response.status, ((await response.json()) as HealthCheckResult).details];
    };
    const before = await ready();
    const client = await WsClient.connect(`ws://${address}/busy`);
    client.send({ event: 'work', id: 1 });
    await client.request('unknown');
    const closing = close();
    const meanwhile = await ready();
    finish();
    await closing;

    expect(before).toEqual([200, { nestwire: { status: 'up', shutdown: false } }]);
    expect(meanwhile).toEqual([503, { nestwire: { status: 'down', shutdown: true } }]);
  });

  it.each([
    [true, 'up'],
    [false, 'down'],
  ] as const)('tells that the broker is up: %s', (isUp, status) => {
    const [shutdown, broker] = [{ hasBegun: false }, { isUp }];
    const health = new NestwireHealth(shutdown as never, broker as never);

    expect(health.check('nestwire')).toEqual({ nestwire: { status, shutdown: false, broker: status } });
  });
});
