import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser, type BrowserContextOptions, type Locator } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { SampleProcess } from '../support/sample-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { SceneTab } from './support/scene-tab.js';

jest.setTimeout(60_000);

let browser: Browser;
let sample: SampleProcess;
let proxy: TcpProxy | undefined;
let tabs: SceneTab[] = [];

beforeAll(async () => {
  [browser, sample] = await Promise.all([launchChromium(), SampleProcess.start()]);
});

afterAll(async () => {
  await browser.close();
  await sample.end();
});

afterEach(async () => {
  const open = tabs;
  tabs = [];
  await Promise.all(open.map((tab) => tab.close()));
  await proxy?.stop();
  proxy = undefined;
  expect(open.flatMap((tab) => tab.unexpectedProblems)).toEqual([]);
});

async function open(name: string, options?: BrowserContextOptions, url = sample.url): Promise<SceneTab> {
  const tab = await SceneTab.open(browser, `${url}/#/document`, options);
  tabs.push(tab);
  await tab.page.getByLabel('Your name').fill(name);
  await saved(tab);
  return tab;
}

async function proxied(): Promise<TcpProxy> {
  proxy = await TcpProxy.start(Number(new URL(sample.url).port));
  return proxy;
}

const textOf = (tab: SceneTab): Locator => tab.page.getByRole('textbox', { name: 'Document' });

const linesOf = (tab: SceneTab): Promise<string[]> => textOf(tab).locator('p').allTextContents();

async function saved(tab: SceneTab): Promise<void> {
  await tab.page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
}

/** In a paragraph of its own at the end. */
async function write(tab: SceneTab, text: string): Promise<void> {
  await textOf(tab).focus();
  await tab.page.keyboard.press('Control+End');
  await tab.page.keyboard.press('Enter');
  await tab.page.keyboard.insertText(text);
}

async function sees(tab: SceneTab, text: string): Promise<void> {
  await textOf(tab).getByText(text, { exact: true }).waitFor();
}

describe('The document in Chromium', () => {
  it('is written by two who see each other, on line and off, and survives the server', async () => {
    const line = await proxied();
    const [anna, ben] = await Promise.all([open('Anna'), open('Ben', {}, `http://${line.address}`)]);
    await anna.page.getByRole('listitem').getByText('Ben', { exact: true }).waitFor();
    await write(anna, 'Anna was here.');
    await sees(ben, 'Anna was here.');
    await textOf(ben).locator('[data-name="Anna"]').waitFor();

    await ben.setOffline(true);
    line.cut();
    await ben.disconnected();
    await write(ben, 'Ben wrote this in a tunnel.');
    await ben.page.getByText('Off line: what you write is kept here and merged later').waitFor();
    await write(anna, 'Meanwhile Anna went on.');
    await ben.setOffline(false);
    await sees(ben, 'Meanwhile Anna went on.');
    await sees(anna, 'Ben wrote this in a tunnel.');

    await Promise.all([anna, ben].map(saved));
    await sample.stop('SIGKILL');
    await Promise.all([anna, ben].map((tab) => tab.disconnected()));
    await write(anna, 'Written while there was no server.');
    sample = await sample.restart();
    await Promise.all([anna, ben].map((tab) => tab.retry()));
    await sees(ben, 'Written while there was no server.');
    const written = await linesOf(ben);
    for (const text of ['Anna was here.', 'Ben wrote this in a tunnel.', 'Meanwhile Anna went on.']) {
      expect(written.filter((each) => each === text)).toHaveLength(1);
    }
    expect(await linesOf(anna)).toEqual(written);
    await saved(anna);
    const cara = await open('Cara');
    await sees(cara, 'Written while there was no server.');
  });

  it('is formatted by keyboard alone, over an event stream where WebSocket is blocked', async () => {
    const line = await proxied();
    line.refusesUpgrades = true;
    const [anna, ben] = await Promise.all([open('Anna', {}, `http://${line.address}`), open('Ben')]);
    await anna.connected('Event stream');
    await write(anna, '');
    for (const key of ['Alt+F10', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) {
      await anna.page.keyboard.press(key);
    }
    await anna.page.keyboard.type('A heading');
    await anna.page.keyboard.press('Enter');
    await anna.page.keyboard.press('Control+b');
    await anna.page.keyboard.type('bold');
    await textOf(ben).getByRole('heading', { name: 'A heading', level: 1 }).waitFor();
    await textOf(ben).locator('strong').getByText('bold').waitFor();
    await anna.page.keyboard.press('Control+z');
    await textOf(ben).locator('strong').getByText('bold').waitFor({ state: 'detached' });
    expect(await anna.accessibilityProblems()).toEqual([]);
  });

  it('refuses what does not fit, says so, and has the text of the others again', async () => {
    const anna = await open('Anna', {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    await write(anna, 'This fits.');
    await saved(anna);
    await textOf(anna).focus();
    await anna.page.keyboard.insertText('too much '.repeat(25_000));
    await anna.page.getByRole('alert').getByText('The document is full').waitFor();
    await sees(anna, 'This fits.');
    expect(await textOf(anna).innerText()).not.toContain('too much');
    expect(await anna.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await write(anna, 'This, too.');
    await saved(anna);
    await anna.page.getByRole('button', { name: '中文' }).tap();
    await anna.page.getByRole('textbox', { name: '文档' }).getByText('This, too.').waitFor();
  });
});
