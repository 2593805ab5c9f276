import { describe, expect, it } from '@jest/globals';
import { type SceneTab } from './support/scene-tab.js';
import { Stage } from './support/stage.js';

const stage = Stage.raise();

/** A figure of a row as an expression in the page: NaN, smaller and larger than nothing, until there is one. */
const figure = (lane: string, column: number): string =>
  `parseFloat(document.querySelectorAll('tr[data-lane="${lane}"] td')[${column}].dataset.value)`;
const requests = (lane: string): string => figure(lane, 1);
const bytes = (lane: string): string => figure(lane, 2);

const openLanes = `document.querySelectorAll('tr[data-state="open"]')`;

/** Until exactly so many transports are connected, and so many events have come over each of them. */
const receives = (tab: SceneTab, lanes: number, events: number): Promise<void> =>
  tab.until(`${openLanes}.length === ${lanes} && [...${openLanes}].every((row) =>
    parseInt(row.querySelector('.lane-state').textContent.match(/\\d+/)[0]) >= ${events})`);

const isCutOff = (tab: SceneTab): Promise<void> => tab.until(`${openLanes}.length === 0`);

const gaps = ({ page }: SceneTab): Promise<number> => page.getByText(/\d+ missed/).count();

describe('The transport lab in Chromium', () => {
  it('shows that events cost fewest bytes over WebSocket, and that many share a poll', async () => {
    const tab = await stage.open('lab');
    // all of the same moment, which comes when connecting is no longer among the last ten seconds
    await tab.until(
      [
        `${bytes('websocket')} > 20`,
        `${bytes('websocket')} < ${bytes('short-polling')}`,
        `${bytes('event-stream')} < ${bytes('long-polling')}`,
        `${requests('websocket')} === 0`,
        `${requests('long-polling')} > 0.5`,
      ].join(' && '),
    );
    expect(await tab.accessibilityProblems()).toEqual([]);
    const rate = tab.page.getByLabel('Events a second');
    await rate.press('End');
    expect(await rate.getAttribute('aria-valuetext')).toBe('50');
    await tab.until(`${requests('short-polling')} < 0.3`);
  });

  it('loses no event by a cut, off line, without WebSocket, nor when the server is another one', async () => {
    const network = await stage.networkWithoutWebSocket();
    const [anna, ben] = await Promise.all([stage.open('lab'), stage.open('lab', {}, network)]);
    await Promise.all([receives(anna, 4, 3), receives(ben, 3, 3)]);
    await anna.page.getByRole('button', { name: 'Cut all' }).click();
    await isCutOff(anna);
    await receives(ben, 3, 4);
    await ben.setOffline(true);
    network.cut();
    await isCutOff(ben);
    await ben.setOffline(false);
    await Promise.all([receives(anna, 4, 8), receives(ben, 3, 8)]);
    for (const tab of [anna, ben]) expect(await gaps(tab)).toBe(0);
    await stage.sample.stop('SIGKILL');
    await Promise.all([isCutOff(anna), isCutOff(ben)]);
    await stage.restart();
    await Promise.all([receives(anna, 4, 10), receives(ben, 3, 10)]);
    for (const tab of [anna, ben]) expect(await gaps(tab)).toBe(0);
  });
});
