import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import type { Observable } from 'rxjs';
import {
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Payload,
  Signal,
  Subscribe,
} from 'nestwire';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Injectable()
class PassingInterceptor implements NestInterceptor {
  intercept(...[, next]: Parameters<NestInterceptor['intercept']>): Observable<unknown> {
    return next.handle();
  }
}

@Gateway({ path: '/slow', concurrency: 2 })
class SlowGateway {
  readonly aborted: string[] = [];
  signalAtConnect: unknown = 'not connected';

  @OnConnect()
  connect(@Signal() signal: AbortSignal | undefined): void {
    this.signalAtConnect = signal;
  }

  @Subscribe('slow')
  slow(@Payload() name: string, @Signal() signal: AbortSignal): Promise<void> {
    return this.until(name, signal);
  }

  @Subscribe('intercepted')
  @UseInterceptors(PassingInterceptor)
  intercepted(
    @Signal() signal: AbortSignal,
    @CurrentSession() _session: GatewaySession,
    @Payload() name: string,
  ): Promise<void> {
    return this.until(name, signal);
  }

  @Subscribe('fast')
  fast(@Signal() signal: AbortSignal): boolean {
    return signal.aborted;
  }

  @Subscribe('hanging')
  hanging(): Promise<never> {
    return new Promise(() => undefined);
  }

  private async until(name: string, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort');
    this.aborted.push(name);
    throw signal.reason;
  }
}

describe.each<Platform>(['Express', 'Fastify'])('@Signal() on %s', (platform) => {
  let running: TestApp;
  let client: WsClient;

  afterEach(() => running.close());

  async function start(limits = {}): Promise<SlowGateway> {
    running = await startApp({
      platform,
      module: { providers: [SlowGateway, PassingInterceptor] },
      nestwire: { limits },
    });
    client = await WsClient.connect(`ws://${running.address}/slow`);
    return running.app.get(SlowGateway);
  }

  it.each(['slow', 'intercepted'])('is aborted when the client cancels (%s)', async (event) => {
    const gateway = await start();
    client.send({ event, id: 1, data: 'cancelled' });
    client.send({ event: 'nestwire:cancel', id: 1 });

    expect(await client.request('fast')).toEqual({ event: 'fast', id: 'r', data: false });
    expect(gateway.aborted).toEqual(['cancelled']);
    expect(gateway.signalAtConnect).toBeUndefined();
  });

  it('is aborted when the client breaks off', async () => {
    const gateway = await start();
    client.send({ event: 'slow', data: 'left' });
    await client.request('fast');
    client.terminate();
    while (gateway.aborted.length === 0) await turn();

    expect(gateway.aborted).toEqual(['left']);
  });

  it('is aborted when the time is up, and the client is told, with or without one', async () => {
    const gateway = await start({ messageMs: 20 });
    client.send({ event: 'slow', id: 1, data: 'late' });
    client.send({ event: 'hanging', id: 2 });
    const answers = await client.take(2);

    const data = { status: 'error', statusCode: 504, code: 'TIMED_OUT', message: 'no answer within 20 ms' };
    expect(answers).toEqual([
      { event: 'exception', id: 1, data },
      { event: 'exception', id: 2, data },
    ]);
    expect(await client.request('fast')).toMatchObject({ data: false });
    expect(gateway.aborted).toEqual(['late']);
  });
});
