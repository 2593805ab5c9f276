import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { SampleProcess } from '../support/sample-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { SceneTab } from './support/scene-tab.js';

jest.setTimeout(60_000);

let browser: Browser;
let sample: SampleProcess;
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
  expect(open.flatMap((tab) => tab.unexpectedProblems)).toEqual([]);
});

async function open(url = sample.url): Promise<SceneTab> {
  const tab = await SceneTab.open(browser, `${url}/#/progress`);
  tabs.push(tab);
  await live(tab);
  return tab;
}

const live = ({ page }: SceneTab) => page.getByRole('status').getByText('Live', { exact: true }).waitFor();
const jobOf = ({ page }: SceneTab) => page.getByRole('listitem').filter({ hasText: 'Primes below' }).first();
const figure = async ({ page }: SceneTab, name: string) =>
  Number(await page.locator(`#stream-${name}`).textContent());

const doneOf = ({ page }: SceneTab) => page.evaluate<number>(`document.querySelector('.job progress').value`);

async function passes(tab: SceneTab, done: number): Promise<void> {
  await tab.until(`document.querySelector('.job progress')?.value > ${done}`);
}

describe('Jobs of the sample in Chromium', () => {
  it('are watched by all, and go on after a reload and after a restart of the server', async () => {
    const [anna, ben] = await Promise.all([open(), open()]);
    await anna.page.getByRole('button', { name: 'Start a job' }).click();
    await Promise.all([passes(anna, 1), passes(ben, 1)]);
    expect(await anna.accessibilityProblems()).toEqual([]);
    await ben.page.reload();
    await live(ben);
    const before = await doneOf(anna);
    await sample.stop('SIGKILL');
    await anna.page.getByText('Cut off, coming back…').waitFor();
    sample = await sample.restart();
    await Promise.all([live(anna), live(ben)]);
    await Promise.all([passes(anna, before), passes(ben, before)]);
    for (const tab of [anna, ben]) {
      await jobOf(tab).getByText('Done').waitFor();
      // the number of primes below 300,000: nothing was counted twice or left out
      await jobOf(tab).getByText('25,997 found').waitFor();
    }
    expect(await figure(anna, 'gaps')).toBe(1);
  });

  it('go on over a connection that was lost, without a gap, and are cancelled', async () => {
    const proxy = await TcpProxy.start(Number(new URL(sample.url).port));
    const anna = await open(`http://${proxy.address}`);
    await anna.page.getByLabel('How far to count').selectOption({ index: 2 });
    await anna.page.getByRole('button', { name: 'Start a job' }).click();
    await passes(anna, 1);
    proxy.cut();
    await anna.until(`document.querySelector('#stream-returns').textContent === '1'`);
    await passes(anna, await doneOf(anna));
    expect(await figure(anna, 'gaps')).toBe(0);
    await anna.page.getByRole('button', { name: 'Cancel' }).click();
    await jobOf(anna).getByText('Cancelled').waitFor();
    await anna.page.close();
    await proxy.stop();
  });
});
