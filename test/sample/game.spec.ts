import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser, type BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { SampleProcess } from '../support/sample-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { SceneTab } from './support/scene-tab.js';

jest.setTimeout(60_000);

const KEYS = [
  ['right', ['ArrowRight']],
  ['down right', ['ArrowDown', 'ArrowRight']],
  ['down', ['ArrowDown']],
  ['down left', ['ArrowDown', 'ArrowLeft']],
  ['left', ['ArrowLeft']],
  ['up left', ['ArrowUp', 'ArrowLeft']],
  ['up', ['ArrowUp']],
  ['up right', ['ArrowUp', 'ArrowRight']],
] as const;
const keysFor = new Map<string, readonly string[]>(KEYS);

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

async function play(name: string, options?: BrowserContextOptions, url = sample.url): Promise<SceneTab> {
  const tab = await SceneTab.open(browser, `${url}/#/game`, options);
  tabs.push(tab);
  await tab.page.getByLabel('Your name').fill(name);
  await tab.page.keyboard.press('Enter');
  await seesScore(tab, `${name} (you)`);
  return tab;
}

async function seesScore(tab: SceneTab, name: string): Promise<void> {
  await tab.page.getByRole('list', { name: 'Scores' }).getByText(name, { exact: true }).waitFor();
}

const ownScore = async ({ page }: SceneTab) =>
  Number(await page.getByText('Your score:').getByRole('strong').textContent());

/** Plays as somebody does who sees nothing: by what the page says of the nearest star. */
async function catchStar(tab: SceneTab): Promise<void> {
  const { page } = tab;
  const before = await ownScore(tab);
  let held: readonly string[] = [];
  while ((await ownScore(tab)) === before) {
    const said = await page.getByText('Nearest star:').textContent();
    const keys = keysFor.get(/: ([a-z ]+),/.exec(said ?? '')![1]!)!;
    for (const key of held) if (!keys.includes(key)) await page.keyboard.up(key);
    for (const key of keys) await page.keyboard.down(key);
    held = keys;
    await page.waitForTimeout(30);
  }
  for (const key of held) await page.keyboard.up(key);
}

describe('The game in Chromium', () => {
  it('is played by keyboard and ear, watched by others, and goes on after a restart of the server', async () => {
    const [anna, ben] = [await play('Anna'), await play('Ben')];
    await Promise.all([seesScore(anna, 'Ben'), seesScore(ben, 'Anna')]);
    await anna.page.bringToFront();
    await catchStar(anna);
    sample = await restarted();
    await Promise.all([seesScore(anna, 'Anna (you)'), seesScore(anna, 'Ben')]);
    await anna.connected();
    await catchStar(anna);
    expect(await anna.accessibilityProblems()).toEqual([]);
  });

  it('works over an event stream where WebSocket is blocked, and comes back from being off line', async () => {
    proxy = await TcpProxy.start(Number(new URL(sample.url).port));
    proxy.refusesUpgrades = true;
    const anna = await play('Anna', {}, `http://${proxy.address}`);
    await anna.connected('Event stream');
    await anna.page.getByRole('switch', { name: '50 bots' }).click();
    await anna.page.getByText('Bot').first().waitFor();
    await anna.setOffline(true);
    await anna.disconnected();
    await anna.setOffline(false);
    await anna.connected('Event stream');
    await catchStar(anna);
    await anna.page.getByRole('button', { name: 'Only watch' }).click();
    await anna.page.getByText('You are watching.').waitFor();
    await anna.page.getByText('51', { exact: true }).waitFor({ state: 'hidden' });
  });

  it('fits a phone, is flown by a finger, and speaks Chinese', async () => {
    const anna = await play('Anna', {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    expect(await anna.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await anna.page.getByRole('button', { name: '中文' }).tap();
    await anna.page.getByRole('button', { name: '开始' }).tap();
    await anna.page.getByRole('list', { name: '得分榜' }).getByText('Anna （你）', { exact: true }).waitFor();
    expect(await anna.accessibilityProblems()).toEqual([]);
  });
});

async function restarted(): Promise<SampleProcess> {
  await sample.stop('SIGTERM');
  return sample.restart();
}
