import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, type INestApplication, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type Channel, Channels, NestwireModule, SseEndpoint } from 'nestwire';
import { type Observable, of } from 'rxjs';
import type { Browser, Page } from 'playwright-core';
import { MemoryBroker } from '../../lib/broker/memory/index.js';
import { launchChromium } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';

const RETRY_MS = 100;

@Controller()
class PageController {
  asked = 0;

  constructor(private readonly channels: Channels) {}

  @Get()
  @Header('Content-Type', 'text/html')
  page(): string {
    return '<!doctype html><title>page</title>';
  }

  @SseEndpoint('news')
  news(): Channel {
    return this.channels.channel('news', { history: {} });
  }

  @SseEndpoint('finite')
  finite(): Observable<number> {
    this.asked++;
    return of(1, 2);
  }
}

/** What the page sees, in a page's own words. */
interface Seen {
  readonly events: string[];
  readonly states: number[];
}

describe('EventSource in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let port: number;
  let app: INestApplication;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    port = await freePort();
    page = await browser.newPage();
  });

  afterEach(async () => {
    await page.close();
    await app.close();
  });

  async function start(broker = new MemoryBroker()): Promise<void> {
    @Module({
      imports: [NestwireModule.forRoot({ broker, eventStreams: { retryMs: RETRY_MS } })],
      controllers: [PageController],
    })
    class PageModule {}
    Logger.overrideLogger(false);
    app = await NestFactory.create(PageModule, new ExpressAdapter(), { logger: false });
    await app.listen(port, '127.0.0.1');
  }

  /** Opens an EventSource whose events gather in `seen`. */
  async function listen(path: string): Promise<void> {
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.evaluate(`
      window.seen = { events: [], states: [] };
      window.source = new EventSource(${JSON.stringify(path)});
      for (const name of ['message', 'nestwire:gap', 'nestwire:done']) {
        source.addEventListener(name, ({ type, data }) => seen.events.push(type + ' ' + data));
      }
      source.onerror = () => seen.states.push(source.readyState);
      new Promise((resolve) => (source.onopen = resolve));
    `);
  }

  const seen = (): Promise<Seen> => page.evaluate('window.seen');

  async function seenUntil(isEnough: (seen: Seen) => boolean): Promise<Seen> {
    for (;;) {
      const now = await seen();
      if (isEnough(now)) return now;
      await pause(20);
    }
  }

  const news = (): Channel => app.get(Channels, { strict: false }).channel('news', { history: {} });

  it('gets events, and stays away when all are there', async () => {
    await start();
    await listen('/finite');
    const { events } = await seenUntil(({ states }) => states.includes(2));

    expect(events).toEqual(['message 1', 'message 2', 'nestwire:done {}']);
    expect(app.get(PageController).asked).toBe(1);
  });

  it('is told of a gap when the server that comes back has no history', async () => {
    await start();
    await listen('/news');
    await news().publish('a');
    await seenUntil(({ events }) => events.length === 1);
    await app.close();

    await start();
    const { events } = await seenUntil((now) => now.events.length === 2);
    expect(events[1]).toMatch(/^nestwire:gap \{"recovered":false,"cursor":"1\./);
    await news().publish('b');
    await seenUntil((now) => now.events.at(-1) === 'message b');
  });

  it('misses nothing when the history outlives the server', async () => {
    const broker = new MemoryBroker();
    const outlasting = Object.assign(Object.create(broker) as MemoryBroker, {
      close: () => Promise.resolve(),
    });
    await start(outlasting);
    await listen('/news');
    await news().publish('a');
    await seenUntil(({ events }) => events.length === 1);
    await app.close();

    await broker.publish('news', '"while away"', { size: 10, bytes: 1000, ageMs: 100_000 });
    await start(outlasting);
    await news().publish('b');
    const { events } = await seenUntil((now) => now.events.length === 3);
    expect(events).toEqual(['message a', 'message while away', 'message b']);
  });
});
