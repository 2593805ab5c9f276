import { describe, expect, it } from '@jest/globals';
import { type BrowserContextOptions } from 'playwright-core';
import { type TcpProxy } from '../support/tcp-proxy.js';
import { type SceneTab } from './support/scene-tab.js';
import { PHONE, Stage } from './support/stage.js';

const stage = Stage.raise();

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

/** Software draws here: a small arena leaves time for all else. */
const SMALL = { viewport: { width: 640, height: 520 } };

async function play(
  name: string,
  options: BrowserContextOptions = SMALL,
  through?: TcpProxy,
): Promise<SceneTab> {
  const tab = await stage.open('game', options, through);
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
    const keys = keysFor.get(/: ([a-z ]+),/.exec(said ?? '')?.[1] ?? '') ?? held;
    for (const key of held) if (!keys.includes(key)) await page.keyboard.up(key);
    for (const key of keys) await page.keyboard.down(key);
    held = keys;
    await page.waitForTimeout(30);
  }
  for (const key of held) await page.keyboard.up(key);
}

/** Pushes until the nearest star is another, or elsewhere: one push may be too little to tell. */
async function flies({ page }: SceneTab, push: () => Promise<void>): Promise<void> {
  const radar = page.getByText('Nearest star:');
  const said = await radar.textContent();
  do await push();
  while ((await radar.textContent()) === said);
}

const arena = ({ page }: SceneTab) => page.getByRole('application', { name: 'Arena' });

describe('The game in Chromium', () => {
  it('is played by keyboard and ear, watched by others, and goes on after a restart of the server', async () => {
    const [anna, ben] = await Promise.all([play('Anna'), play('Ben')]);
    await Promise.all([seesScore(anna, 'Ben'), seesScore(ben, 'Anna')]);
    await stage.sample.stop('SIGTERM');
    await Promise.all([anna, ben].map((tab) => tab.disconnected()));
    await stage.restart();
    await Promise.all([anna, ben].map((tab) => tab.retry()));
    await Promise.all([seesScore(anna, 'Anna (you)'), seesScore(anna, 'Ben')]);
    await ben.close();
    await catchStar(anna);
    expect(await anna.accessibilityProblems()).toEqual([]);
  });

  it('works over an event stream where WebSocket is blocked, and comes back from being off line', async () => {
    const anna = await play('Anna', SMALL, await stage.networkWithoutWebSocket());
    await anna.connected('Event stream');
    await anna.page.getByRole('switch', { name: '50 bots' }).click();
    await anna.page.getByText('Bot').first().waitFor();
    await anna.setOffline(true);
    await anna.disconnected();
    await anna.setOffline(false);
    await anna.connected('Event stream');
    await flies(anna, () => arena(anna).press('ArrowUp', { delay: 300 }));
    await anna.page.getByRole('button', { name: 'Only watch' }).click();
    await anna.page.getByText('You are watching.').waitFor();
    await anna.page.getByText('51', { exact: true }).waitFor({ state: 'hidden' });
  });

  it('fits a phone, is flown by a finger, and speaks Chinese', async () => {
    const anna = await play('Anna', PHONE);
    expect(await anna.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await flies(anna, () => arena(anna).click({ position: { x: 179, y: 179 }, delay: 500 }));
    await anna.page.getByRole('button', { name: '中文' }).tap();
    await anna.page.getByRole('button', { name: '开始' }).tap();
    await anna.page.getByRole('list', { name: '得分榜' }).getByText('Anna （你）', { exact: true }).waitFor();
    expect(await anna.accessibilityProblems()).toEqual([]);
  });
});
