import { describe, expect, it } from '@jest/globals';
import { type TcpProxy } from '../support/tcp-proxy.js';
import { type SceneTab } from './support/scene-tab.js';
import { Stage } from './support/stage.js';

const stage = Stage.raise();

async function open(through?: TcpProxy): Promise<SceneTab> {
  const tab = await stage.open('progress', {}, through);
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
    await stage.sample.stop('SIGKILL');
    await anna.page.getByText('Cut off, coming back…').waitFor();
    await stage.restart();
    await Promise.all([live(anna), live(ben)]);
    await Promise.all([passes(anna, before), passes(ben, before)]);
    for (const tab of [anna, ben]) {
      await jobOf(tab).getByText('Done').waitFor();
      // the number of primes below 300,000: nothing was counted twice or left out
      await jobOf(tab).getByText('25,997 found').waitFor();
    }
    expect(await figure(anna, 'gaps')).toBe(1);
  });

  it('need no WebSocket, miss nothing of a cut nor of being off line, and are cancelled by others', async () => {
    const network = await stage.networkWithoutWebSocket();
    const [anna, ben] = await Promise.all([open(network), open()]);
    await anna.page.getByLabel('How far to count').selectOption({ index: 2 });
    await anna.page.getByRole('button', { name: 'Start a job' }).click();
    await Promise.all(
      [anna, ben].map((tab) => tab.until(`document.querySelector('.job[data-state=running]')`)),
    );
    network.cut();
    await anna.until(`Number(document.querySelector('#stream-returns').textContent) > 0`);
    await passes(anna, await doneOf(ben));
    await anna.setOffline(true);
    network.cut();
    await anna.page.getByText('Cut off, coming back…').waitFor();
    await passes(ben, await doneOf(anna));
    await anna.setOffline(false);
    await live(anna);
    await passes(anna, await doneOf(ben));
    expect(await figure(anna, 'gaps')).toBe(0);
    await ben.page.getByRole('button', { name: 'Cancel' }).click();
    await jobOf(anna).getByText('Cancelled').waitFor();
  });
});
