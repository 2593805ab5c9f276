import * as MessagePack from '@msgpack/msgpack';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connect, msgpack } from 'nestwire/client';
import { type BrowserContextOptions } from 'playwright-core';
import { PAGE_SIZE } from '../../sample/chat/chat.limits.js';
import { ChatProtocol } from '../../sample/chat/chat.protocol.js';
import { type TcpProxy } from '../support/tcp-proxy.js';
import { ChatTab } from './support/chat-tab.js';
import { PHONE, Stage } from './support/stage.js';

const stage = Stage.raise();

async function enter(
  name: string,
  channel: string,
  options?: BrowserContextOptions,
  through?: TcpProxy,
): Promise<ChatTab> {
  return ChatTab.enter(await stage.open(`chat/${channel}`, options, through), name);
}

/** Somebody without a browser, who says a lot. */
async function say(channel: string, texts: readonly string[]): Promise<void> {
  const client = connect(`${stage.sample.url}/chat`, { protocol: ChatProtocol, codec: msgpack(MessagePack) });
  await client.request('enter', { key: 'talkative-talkative', name: 'Talk' });
  for (const [index, text] of texts.entries()) {
    await client.request('message.send', { id: `${channel}-message-number-${index}`, channel, text });
  }
  client.close();
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `number ${n + 1}`);

/** Two who stay, for it takes a browser longer to open a page than to do most of what follows. */
let anna: ChatTab;
let ben: ChatTab;

beforeAll(async () => {
  anna = await enter('Anna', 'general');
  ben = await enter('Ben', 'general');
});

describe('The chat of the sample', () => {
  it('carries messages both ways, tells who is here, who types, who has read, and who leaves', async () => {
    await anna.sees('Ben joined');
    await ben.composer.pressSequentially('I am');
    await anna.page.getByText('Ben is typing').waitFor();
    await ben.composer.press('Enter');
    await anna.sees('I am');
    await anna.page.getByText('Ben is typing').waitFor({ state: 'detached' });
    const markup = '<img src=x onerror="document.title=1"> & <script>alert(1)</script>';
    await anna.write(markup);
    await ben.sees(markup);
    expect(await ben.log.locator('img, script').count()).toBe(0);
    await anna.log.getByTitle('Seen by 1').waitFor();
    expect(await anna.count('I am')).toBe(1);
    expect(await anna.scene.accessibilityProblems()).toEqual([]);
    await ben.goTo('nestjs');
    await anna.sees('Ben left');
  });

  it('has images, sent as bytes, and marks the channel where something was said, and from where it is new', async () => {
    await Promise.all([anna.goTo('help'), ben.goTo('nestjs')]);
    const buffer = await anna.page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 48 } });
    await anna.page.locator('#image').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
    const help = ben.page.getByRole('link', { name: /help.*new messages/ });
    await help.waitFor();
    const image = ben.log.getByRole('img', { name: 'Image from Anna' });
    expect(await image.count()).toBe(0);
    await help.click();
    await image.waitFor();
    await ben.scene.until(`document.querySelector('#log img').naturalWidth === 64`);
    await ben.log.getByText('New', { exact: true }).waitFor();
    const text = { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('not an image') };
    await anna.page.locator('#image').setInputFiles(text);
    await anna.page.getByText('This is no image that can be sent.').waitFor();
  });

  it('shows one person once who has two tabs, and both of them everything', async () => {
    await Promise.all([anna.goTo('nestjs'), ben.goTo('nestjs')]);
    const opened = anna.page.context().waitForEvent('page');
    await anna.page.evaluate('void window.open(location.href)');
    const copy = await opened;
    await copy.getByText('Connected', { exact: true }).waitFor();
    await anna.write('from the first');
    await copy.getByRole('log').locator('.mine').getByText('from the first').waitFor();
    await copy.close();
    await ben.write('one tab less');
    await anna.sees('one tab less');
    await ben.seesPeople('Anna');
    expect(await ben.people.filter({ hasText: 'Anna' }).count()).toBe(1);
    expect(await ben.count('Anna left')).toBe(0);
  });

  it('is read back to its beginning, a page at a time', async () => {
    await say('random', numbered(PAGE_SIZE + 10));
    await anna.goTo('random');
    await anna.sees(`number ${PAGE_SIZE + 10}`);
    expect(await anna.count('number 5')).toBe(0);
    await anna.page.getByRole('button', { name: 'Earlier messages' }).click();
    await anna.sees('number 5');
    await anna.page.getByRole('button', { name: 'Earlier messages' }).waitFor({ state: 'hidden' });
  });
});

describe('When the chat cannot be reached', () => {
  it('both tabs return after a shutdown and after a crash, the history is there, and what was written arrives once', async () => {
    await Promise.all([anna.goTo('general'), ben.goTo('general')]);
    await anna.write('before');
    await ben.sees('before');
    await stage.sample.stop('SIGTERM');
    await Promise.all([anna.disconnected(), ben.disconnected()]);
    await stage.restart();
    await Promise.all([anna.retry(), ben.retry()]);
    await ben.write('after a shutdown');
    await anna.sees('after a shutdown');
    await stage.sample.stop('SIGKILL');
    await Promise.all([anna.disconnected(), ben.disconnected()]);
    await anna.write('written while away');
    await anna.unsent.filter({ hasText: 'Not sent yet' }).waitFor();
    await stage.restart();
    await Promise.all([anna.retry(), ben.retry()]);
    await ben.sees('written while away');
    await anna.unsent.waitFor({ state: 'detached' });
    await ben.page.reload();
    for (const tab of [anna, ben]) {
      await tab.sees('before');
      await tab.sees('written while away');
      expect(await tab.count('written while away')).toBe(1);
    }
  });

  it('a tab notices a server that is silent though the connection stands', async () => {
    const carl = await enter('Carl', 'nestjs');
    await carl.page.clock.install();
    await carl.write('before');
    await carl.sees('before');
    stage.sample.signal('SIGSTOP');
    await carl.page.clock.runFor('01:00');
    await carl.disconnected();
    stage.sample.signal('SIGCONT');
    await carl.retry();
    await carl.write('after');
    await carl.sees('after');
  });

  it('a tab that was off line for long shows the gap, and fills it', async () => {
    const network = await stage.network();
    const gus = await enter('Gus', 'general', {}, network);
    await gus.write('last before the tunnel');
    await gus.sees('last before the tunnel');
    await gus.scene.setOffline(true);
    network.cut();
    await gus.disconnected();
    await say('general', numbered(PAGE_SIZE + 20));
    await gus.write('from the tunnel');
    await gus.scene.setOffline(false);
    await gus.sees('from the tunnel');
    await gus.sees(`number ${PAGE_SIZE + 20}`);
    expect(await gus.count('number 3')).toBe(0);
    await gus.page.getByRole('button', { name: 'Load them' }).click();
    await gus.sees('number 3');
    await gus.page.getByRole('button', { name: 'Load them' }).waitFor({ state: 'detached' });
    const numbers = await gus.log.getByText(/^number \d+$/).allTextContents();
    expect(numbers).toEqual(numbered(PAGE_SIZE + 20));
    await gus.page.close();
    // the first time was in the tunnel, where that took long
    await ben.log.getByText('Gus left').first().waitFor();
  });

  it('goes on over an event stream where WebSocket is blocked', async () => {
    const eva = await enter('Eva', 'general', {}, await stage.networkWithoutWebSocket());
    await eva.scene.connected('Event stream');
    await eva.write('by POST');
    await ben.sees('by POST');
    await ben.write('by event stream');
    await eva.sees('by event stream');
  });
});

describe('The page', () => {
  const background = (tab: ChatTab) =>
    tab.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

  it('is dark where the system is, and remembers another choice, and the language', async () => {
    const tab = await enter('Dark', 'help', { colorScheme: 'dark' });
    const dark = await background(tab);
    await tab.page.getByRole('button', { name: 'Dark colours', pressed: true }).click();
    const light = await background(tab);
    expect(light).not.toBe(dark);
    await tab.page.getByRole('button', { name: '中文' }).click();
    await tab.page.getByText('已连接').waitFor();
    await tab.page.reload();
    await tab.page.getByText('已连接').waitFor();
    expect(await background(tab)).toBe(light);
    expect(await tab.page.getAttribute('html', 'lang')).toBe('zh-CN');
  });

  it('fits a phone: nothing to scroll sideways, side panels one tap away', async () => {
    const tab = await enter('Anna with a rather long', 'nestjs', PHONE);
    await tab.write('a-word-without-any-place-to-break-'.repeat(8));
    await tab.sees('a-word-without-any-place-to-break-'.repeat(8));
    expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await tab.page.getByRole('button', { name: 'Channels' }).tap();
    await tab.page.getByRole('link', { name: 'help' }).tap();
    await tab.page.getByRole('heading', { name: 'help', level: 2 }).waitFor();
    await tab.page.getByRole('button', { name: '1 here' }).tap();
    await tab.page.getByRole('complementary', { name: 'People here' }).getByText('you').waitFor();
  });

  it('works by keyboard alone, from a name that the server does not take to the next scene', async () => {
    const { page } = anna;
    await page.getByRole('button', { name: 'Change your name' }).press('Enter');
    await page.keyboard.type('Anna\u202e');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The server does not take this name').waitFor();
    await page.keyboard.type('Anne');
    await page.keyboard.press('Enter');
    await anna.seesPeople('Anne');
    const focused = () => page.evaluate<string | null>('document.activeElement.getAttribute("href")');
    while ((await focused()) !== '#/chat/random') await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'random', level: 2 }).waitFor();
    while ((await focused()) !== '#/lab') await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Lab', level: 1 }).waitFor();
    await anna.scene.until("document.activeElement.id === 'scene'");
  });

  it('is served with its files only: anything else is a 404', async () => {
    const statusOf = async (path: string) => (await fetch(`${stage.sample.url}${path}`)).status;
    expect(await statusOf('/')).toBe(200);
    expect(await statusOf('/favicon.svg')).toBe(200);
    expect(await statusOf('/nothing-here')).toBe(404);
    expect(await statusOf('/assets/nothing.js')).toBe(404);
    expect(await statusOf('/%2e%2e/main.js')).toBe(404);
  });
});
