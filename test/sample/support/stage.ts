import { afterAll, afterEach, beforeAll, beforeEach, expect, jest } from '@jest/globals';
import { type Browser, type BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../../support/chromium.js';
import { SampleProcess } from '../../support/sample-process.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { SceneTab } from './scene-tab.js';

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/**
 * Where scenes are played: the built sample and a browser for a whole spec; tabs, and a network between, for a test.
 * Tabs that are opened before the tests stay for all of them. After each test no tab may have had a problem.
 */
export class Stage {
  private browser!: Browser;
  private running!: SampleProcess;
  private proxy: TcpProxy | undefined;
  private tabs: SceneTab[] = [];
  private staying = 0;

  /** Raised and taken down by the hooks of the spec that calls this, whose tests may take as long as browsers do. */
  static raise(): Stage {
    jest.setTimeout(120_000);
    const stage = new Stage();
    beforeAll(() => stage.build());
    beforeEach(() => void (stage.staying = stage.tabs.length));
    afterEach(() => stage.clear());
    afterAll(() => stage.takeDown());
    return stage;
  }

  get sample(): SampleProcess {
    return this.running;
  }

  /** A tab with what is behind the address of the page; `through` a network instead of straight to the sample. */
  async open(hash: string, options: BrowserContextOptions = {}, through?: TcpProxy): Promise<SceneTab> {
    const url = through ? `http://${through.address}` : this.sample.url;
    const tab = await SceneTab.open(this.browser, `${url}/#/${hash}`, options);
    this.tabs.push(tab);
    return tab;
  }

  /** A network of the test's own, which can be cut. */
  async network(): Promise<TcpProxy> {
    this.proxy = await TcpProxy.start(Number(new URL(this.sample.url).port));
    return this.proxy;
  }

  async networkWithoutWebSocket(): Promise<TcpProxy> {
    const network = await this.network();
    network.refusesUpgrades = true;
    return network;
  }

  /** The next process of the sample, on the same port with what the one before kept. */
  async restart(): Promise<void> {
    this.running = await this.sample.restart();
  }

  private async build(): Promise<void> {
    [this.browser, this.running] = await Promise.all([launchChromium(), SampleProcess.start()]);
  }

  private async clear(): Promise<void> {
    const problems = this.tabs.flatMap(({ unexpectedProblems }) => unexpectedProblems);
    await Promise.all(this.tabs.splice(this.staying).map((tab) => tab.close()));
    await this.proxy?.stop();
    this.proxy = undefined;
    expect(problems).toEqual([]);
  }

  private async takeDown(): Promise<void> {
    await this.browser.close();
    await this.sample.end();
  }
}
