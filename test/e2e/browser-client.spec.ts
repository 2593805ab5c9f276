/** The client in a real browser, whose fetch, WebSocket and connections are not those of Node. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header } from '@nestjs/common';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Subscribe } from 'nestwire';
import type { Browser, Page } from 'playwright-core';
import { bundleClient } from '../client/support/client-bundle.js';
import { launchChromium } from '../support/chromium.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';

const COUNT = 2_000;
const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);
/** So much that a machine that is slow today makes no gap; and no long wait for clients that are gone. */
const LIMITS = { ringMessages: 10_000, ringBytes: 2 ** 20, closeWaitMs: 100 };

let script: string;

@Controller()
class PageController {
  @Get()
  @Header('Content-Type', 'text/html')
  page(): string {
    return '<!doctype html><title>client</title><script src="/client.js"></script>';
  }

  @Get('client.js')
  @Header('Content-Type', 'text/javascript')
  client(): string {
    return script;
  }
}

@Gateway('/count')
class CountGateway {
  session: GatewaySession | undefined;
  connects = 0;
  ends = 0;

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.connects++;
    this.session = session;
    session.closed$.subscribe(() => this.ends++);
  }

  @Subscribe('double')
  double(_: GatewaySession, number: number): number {
    return 2 * number;
  }

  /** Pushes all numbers within some seconds, whether there is a connection or not. */
  async count(): Promise<void> {
    for (const number of numbers) {
      this.session!.push('counted', number);
      if (number % 20 === 0) await wait(10);
    }
  }
}

describe('nestwire/client in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let app: TestApp;
  let gateway: CountGateway;
  let proxy: TcpProxy;

  beforeAll(async () => {
    [browser, { code: script }] = await Promise.all([launchChromium(), bundleClient('script')]);
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    app = await startApp({
      module: { providers: [CountGateway], controllers: [PageController] },
      nestwire: { limits: LIMITS },
    });
    gateway = app.app.get(CountGateway);
    proxy = await TcpProxy.start(Number(app.address.split(':')[1]));
    page = await browser.newPage();
    page.setDefaultTimeout(50_000);
    await page.goto(`http://${proxy.address}/`);
  });

  afterEach(async () => {
    await page.close();
    await proxy.stop();
    await app.close();
  });

  /** @returns the transport that carries the session */
  const open = (options: object): Promise<string> =>
    page.evaluate(`
      window.counted = [];
      window.used = [];
      window.client = nestwire.connect('/count', {
        backOff: { minMs: 5, maxMs: 50 }, polling: { intervalMs: 20 }, ...${JSON.stringify(options)},
      });
      client.on('counted').subscribe((number) => counted.push(number));
      new Promise((resolve) => client.status$.subscribe((status) => {
        if (status.state !== 'open') return;
        used.push(status.transport);
        resolve(status.transport);
      }));
    `);

  const counted = async (): Promise<number[]> => {
    await page.waitForFunction(`counted.length >= ${COUNT}`);
    return page.evaluate('counted');
  };

  const ask = (number: number): Promise<number> => page.evaluate(`client.request('double', ${number})`);

  /** Until all was sent. @returns how often */
  async function cutEvery(ms: number, sent: Promise<void>): Promise<number> {
    let isSent = false;
    void sent.then(() => (isSent = true));
    for (let cuts = 0; ; cuts++) {
      await wait(ms);
      if (isSent) return cuts;
      proxy.cut();
    }
  }

  it.each(['websocket', 'event-stream', 'long-polling', 'short-polling'])(
    'gets all messages, in order, over %s, though the connection is cut again and again',
    async (transport) => {
      expect(await open({ transports: [transport] })).toBe(transport);
      expect(await cutEvery(300, gateway.count())).toBeGreaterThan(1);
      expect(await counted()).toEqual(numbers);
      expect(await ask(21)).toBe(42);
      expect(gateway.connects).toBe(1);
    },
  );

  it('uses the event stream where upgrades are refused, and WebSocket again once they are not', async () => {
    proxy.refusesUpgrades = true;
    expect(await open({ retryBestMs: 200 })).toBe('event-stream');
    const sent = gateway.count();
    await wait(300);
    proxy.refusesUpgrades = false;
    await sent;
    expect(await counted()).toEqual(numbers);
    await page.waitForFunction(`used.at(-1) === 'websocket'`);
    expect(await ask(21)).toBe(42);
    expect(gateway.connects).toBe(1);
  });

  it('polls where a proxy gathers answers', async () => {
    proxy.refusesUpgrades = proxy.buffers = true;
    expect(await open({ connectTimeoutMs: 2_000 })).toBe('long-polling');
    await gateway.count();
    expect(await counted()).toEqual(numbers);
    expect(await ask(21)).toBe(42);
  });

  it('stays open when the browser is wrong about being off line', async () => {
    await open({ transports: ['websocket'] });
    await page.evaluate(`window.isTold = false; addEventListener('offline', () => (isTold = true))`);
    await page.context().setOffline(true);
    await page.waitForFunction('isTold');
    const sent = gateway.count();
    await page.context().setOffline(false);
    await sent;
    expect(await counted()).toEqual(numbers);
    expect(await page.evaluate('used')).toEqual(['websocket']);
  });

  it('says that it is off line long before the heartbeat is missed, and resumes on line', async () => {
    await open({ transports: ['websocket'] });
    proxy.isSilent = true;
    // it may not last for long
    await page.evaluate(
      `window.reasons = []; void client.status$.subscribe(({ reason }) => reasons.push(reason))`,
    );
    await page.context().setOffline(true);
    await page.waitForFunction(`reasons.includes('off line')`);
    await gateway.count();
    proxy.isSilent = false;
    await page.context().setOffline(false);
    expect(await counted()).toEqual(numbers);
    expect(gateway.connects).toBe(1);
  });

  it('ends its session when it is closed', async () => {
    await open({ transports: ['long-polling'] });
    await page.evaluate('client.close()');
    while (gateway.ends === 0) await wait(10);
    expect(gateway.connects).toBe(1);
  });
});
