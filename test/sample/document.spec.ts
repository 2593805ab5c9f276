import { describe, expect, it } from '@jest/globals';
import { type BrowserContextOptions, type Locator } from 'playwright-core';
import { type TcpProxy } from '../support/tcp-proxy.js';
import { type SceneTab } from './support/scene-tab.js';
import { PHONE, Stage } from './support/stage.js';

const stage = Stage.raise();

async function open(name: string, options?: BrowserContextOptions, through?: TcpProxy): Promise<SceneTab> {
  const tab = await stage.open('document', options, through);
  await tab.page.getByLabel('Your name').fill(name);
  await saved(tab);
  return tab;
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
    const network = await stage.network();
    const [anna, ben] = await Promise.all([open('Anna'), open('Ben', {}, network)]);
    await anna.page.getByRole('listitem').getByText('Ben', { exact: true }).waitFor();
    await write(anna, 'Anna was here.');
    await sees(ben, 'Anna was here.');
    await textOf(ben).locator('[data-name="Anna"]').waitFor();

    await ben.setOffline(true);
    network.cut();
    await ben.disconnected();
    await write(ben, 'Ben wrote this in a tunnel.');
    await ben.page.getByText('Off line: what you write is kept here and merged later').waitFor();
    await write(anna, 'Meanwhile Anna went on.');
    await ben.setOffline(false);
    await sees(ben, 'Meanwhile Anna went on.');
    await sees(anna, 'Ben wrote this in a tunnel.');

    await Promise.all([anna, ben].map(saved));
    await stage.sample.stop('SIGKILL');
    await Promise.all([anna, ben].map((tab) => tab.disconnected()));
    await write(anna, 'Written while there was no server.');
    await stage.restart();
    await Promise.all([anna, ben].map((tab) => tab.retry()));
    await sees(ben, 'Written while there was no server.');
    const written = await linesOf(ben);
    for (const text of ['Anna was here.', 'Ben wrote this in a tunnel.', 'Meanwhile Anna went on.']) {
      expect(written.filter((each) => each === text)).toHaveLength(1);
    }
    expect(await linesOf(anna)).toEqual(written);
    await Promise.all([anna, ben].map(saved));
    await ben.page.reload();
    await sees(ben, 'Written while there was no server.');
  });

  it('is formatted by keyboard alone, over an event stream where WebSocket is blocked', async () => {
    const network = await stage.networkWithoutWebSocket();
    const [anna, ben] = await Promise.all([open('Anna', {}, network), open('Ben')]);
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
    const anna = await open('Anna', PHONE);
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
