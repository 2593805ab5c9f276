import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { SampleProcess } from '../support/sample-process.js';
import { SceneTab } from './support/scene-tab.js';

jest.setTimeout(60_000);

/** What a browser says of the answer to a client whose session ended with the server. */
const LOST_SESSION = /^Failed to load resource: the server responded with a status of 404/;

let browser: Browser;
let sample: SampleProcess;
let tab: SceneTab;

beforeAll(async () => {
  [browser, sample] = await Promise.all([launchChromium(), SampleProcess.start()]);
});

afterAll(async () => {
  await browser.close();
  await sample.end();
});

afterEach(async () => {
  await tab.close();
  expect(tab.unexpectedProblems.filter((problem) => !LOST_SESSION.test(problem))).toEqual([]);
});

const LANES = ['websocket', 'event-stream', 'long-polling', 'short-polling'];

/** A page to whose four transports so many events have come, and what each of them costs. */
const received = (events: number) =>
  tab.until(
    `[...document.querySelectorAll('.lane-state')].every((state) => parseInt(state.textContent.match(/\\d+/)) >= ${events})`,
  );

const valueOf = async (lane: string, column: number): Promise<number> =>
  Number(await tab.page.locator(`tr[data-lane="${lane}"] td`).nth(column).getAttribute('data-value'));

async function perEvent(): Promise<Record<string, { requests: number; bytes: number }>> {
  const figures = LANES.map(async (lane) => [
    lane,
    { requests: await valueOf(lane, 1), bytes: await valueOf(lane, 2) },
  ]);
  return Object.fromEntries(await Promise.all(figures)) as Record<
    string,
    { requests: number; bytes: number }
  >;
}

async function open(): Promise<void> {
  tab = await SceneTab.open(browser, `${sample.url}/#/lab`);
  await received(3);
}

const areOpen = (lanes: number) =>
  tab.until(`document.querySelectorAll('tr[data-state="open"]').length === ${lanes}`);

describe('The transport lab in Chromium', () => {
  it('shows that events cost fewest bytes over WebSocket, and that many share a poll', async () => {
    await open();
    // what connecting costs is no longer among the last ten seconds
    await received(25);
    const figures = await perEvent();
    expect(figures['websocket']!.bytes).toBeGreaterThan(20);
    expect(figures['websocket']!.bytes).toBeLessThan(figures['short-polling']!.bytes);
    expect(figures['event-stream']!.bytes).toBeLessThan(figures['long-polling']!.bytes);
    expect(figures['websocket']!.requests).toBe(0);
    expect(figures['long-polling']!.requests).toBeGreaterThan(0.5);
    expect(await tab.accessibilityProblems()).toEqual([]);
    const rate = tab.page.getByLabel('Events a second');
    await rate.press('End');
    expect(await rate.getAttribute('aria-valuetext')).toBe('50');
    await tab.until(
      `Number(document.querySelector('tr[data-lane="short-polling"] td:nth-of-type(2)').dataset.value) < 0.3`,
    );
  });

  it('loses no event when all connections are cut, nor when the server is another one', async () => {
    await open();
    await tab.page.getByRole('button', { name: 'Cut all' }).click();
    await areOpen(0);
    await areOpen(4);
    await received(8);
    expect(await tab.page.getByText(/\d+ missed/).count()).toBe(0);
    await sample.stop('SIGKILL');
    sample = await sample.restart();
    await areOpen(4);
    await received(10);
    expect(await tab.page.getByText(/\d+ missed/).count()).toBe(0);
  });
});
