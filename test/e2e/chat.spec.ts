import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Browser, type BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { SampleProcess } from '../support/sample-process.js';
import { ChatTab } from './chat-tab.js';

jest.setTimeout(60_000);

let browser: Browser;
let sample: SampleProcess;
let tabs: ChatTab[] = [];

beforeAll(async () => {
  [browser, sample] = await Promise.all([launchChromium(), SampleProcess.start()]);
});

afterAll(async () => {
  await browser.close();
  await sample.stop('SIGKILL');
});

afterEach(async () => {
  const open = tabs;
  tabs = [];
  await Promise.all(open.map((tab) => tab.close()));
  expect(open.flatMap((tab) => tab.unexpectedProblems)).toEqual([]);
});

async function enter(name: string, channel: string, options?: BrowserContextOptions): Promise<ChatTab> {
  const tab = await ChatTab.enter(browser, `${sample.url}/#/chat/${channel}`, name, options);
  tabs.push(tab);
  return tab;
}

describe('The chat of the sample', () => {
  it('carries messages between two tabs in both directions', async () => {
    const [anna, ben] = [await enter('Anna', 'general'), await enter('Ben', 'general')];
    await anna.write('Is anybody here?');
    await ben.sees('Is anybody here?');
    await ben.write('I am');
    await anna.sees('I am');
    expect(await anna.count('Is anybody here?')).toBe(1);
    expect([...anna.problems, ...ben.problems]).toEqual([]);
  });

  it('tells who is here, who joins, and who left when a tab is closed', async () => {
    const anna = await enter('Anna', 'nestjs');
    const ben = await enter('Ben', 'nestjs');
    await anna.sees('Ben joined');
    await Promise.all([anna.seesPeople('Anna', 'Ben'), ben.seesPeople('Anna', 'Ben')]);
    await ben.page.close();
    await anna.sees('Ben left');
    await anna.people.filter({ hasText: 'Ben' }).waitFor({ state: 'detached' });
  });

  it('shows that another is typing until the message is there', async () => {
    const [anna, ben] = [await enter('Anna', 'general'), await enter('Ben', 'general')];
    await Promise.all([anna.seesPeople('Anna', 'Ben'), ben.seesPeople('Anna', 'Ben')]);
    await ben.composer.pressSequentially('Hm');
    const typing = anna.page.getByText('Ben is typing');
    await typing.waitFor();
    await ben.composer.press('Enter');
    await anna.sees('Hm');
    await typing.waitFor({ state: 'detached' });
  });

  it('shows what was said before to who comes later, in the same order', async () => {
    const anna = await enter('Anna', 'random');
    for (const text of ['one', 'two', 'three']) await anna.write(text);
    await anna.sees('three');
    const ben = await enter('Ben', 'random');
    await ben.sees('three');
    expect(await ben.log.locator('.text').allTextContents()).toEqual(['one', 'two', 'three']);
  });

  it('keeps channels apart and marks the one where something was said', async () => {
    const [anna, ben] = [await enter('Anna', 'help'), await enter('Ben', 'nestjs')];
    await anna.write('Only for those in help');
    const help = ben.page.getByRole('link', { name: /help.*new messages/ });
    await help.waitFor();
    expect(await ben.count('Only for those in help')).toBe(0);
    await help.click();
    await ben.sees('Only for those in help');
    await anna.sees('Ben joined');
  });

  it('shows markup in names and messages as the text that it is', async () => {
    const [anna, ben] = [await enter('<b>Anna</b>', 'general'), await enter('Ben', 'general')];
    const text = '<img src=x onerror="document.title=1"> & <script>alert(1)</script>';
    await anna.write(text);
    await ben.sees(text);
    await ben.seesPeople('<b>Anna</b>');
    expect(await ben.log.locator('img, script, b').count()).toBe(0);
  });

  it('lets a duplicate of a tab take over, and the older one stay away until asked', async () => {
    const anna = await enter('Anna', 'help');
    const opened = anna.page.context().waitForEvent('page');
    await anna.page.evaluate('void window.open(location.href)');
    const copy = await opened;
    await copy.getByText('Connected', { exact: true }).waitFor();
    await anna.page.getByText('Disconnected: the same tab connected again').waitFor();
    await anna.page.getByRole('button', { name: 'Try now' }).click();
    await anna.connected();
    await copy.getByText('Disconnected: the same tab connected again').waitFor();
  });
});

describe('When the server goes away and comes back', () => {
  it('both tabs return by themselves, and what was written meanwhile arrives once', async () => {
    const [anna, ben] = [await enter('Anna', 'random'), await enter('Ben', 'random')];
    await anna.write('before');
    await ben.sees('before');

    await sample.stop('SIGKILL');
    await Promise.all([anna.disconnected(), ben.disconnected()]);
    await anna.write('written while away');
    await anna.unsent.filter({ hasText: 'Not sent yet' }).waitFor();

    sample = await sample.restart();
    await Promise.all([anna.connected(), ben.connected()]);
    await ben.sees('written while away');
    await anna.unsent.waitFor({ state: 'detached' });
    await ben.write('welcome back');
    await anna.sees('welcome back');
    await Promise.all([anna.seesPeople('Anna', 'Ben'), ben.seesPeople('Anna', 'Ben')]);
    for (const tab of [anna, ben]) {
      expect(await tab.count('before')).toBe(1);
      expect(await tab.count('written while away')).toBe(1);
    }
  });

  it('a shutdown by SIGTERM ends the process and the tabs come back all the same', async () => {
    const anna = await enter('Anna', 'general');
    await sample.stop('SIGTERM');
    await anna.disconnected();
    sample = await sample.restart();
    await anna.connected();
    await anna.write('still here');
    await anna.sees('still here');
  });

  it('a tab notices a server that is silent though the connection stands', async () => {
    const anna = await enter('Anna', 'nestjs');
    await anna.page.clock.install();
    await anna.write('before');
    await anna.sees('before');
    sample.signal('SIGSTOP');
    await anna.page.clock.runFor('00:25');
    expect(await anna.page.getByText('The connection is lost.').count()).toBe(0);
    await anna.page.clock.runFor('00:10');
    await anna.disconnected();
    sample.signal('SIGCONT');
    await anna.connected();
    await anna.write('after');
    await anna.sees('after');
  });

  it('a tab that was off line comes back at once and catches up without a double', async () => {
    const [anna, ben] = [await enter('Anna', 'help'), await enter('Ben', 'help')];
    await anna.write('first');
    await ben.sees('first');
    await ben.page.context().setOffline(true);
    await ben.disconnected();
    await anna.write('second');
    await ben.write('from the tunnel');
    await ben.page.context().setOffline(false);
    await ben.sees('second');
    await anna.sees('from the tunnel');
    for (const text of ['first', 'second', 'from the tunnel']) expect(await ben.count(text)).toBe(1);
  });
});

describe('The page', () => {
  const background = (tab: ChatTab) =>
    tab.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

  it('is dark where the system is, and remembers another choice', async () => {
    const light = await background(await enter('Anna', 'general', { colorScheme: 'light' }));
    const tab = await enter('Ben', 'general', { colorScheme: 'dark' });
    expect(await background(tab)).not.toBe(light);
    await tab.page.getByRole('button', { name: 'Dark colours', pressed: true }).click();
    expect(await background(tab)).toBe(light);
    await tab.page.reload();
    await tab.connected();
    expect(await background(tab)).toBe(light);
  });

  it('fits a phone: nothing to scroll sideways, side panels one tap away', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const tab = await enter('Anna with a rather long', 'general', phone);
    await tab.write('a-word-without-any-place-to-break-'.repeat(8));
    await tab.sees('a-word-without-any-place-to-break-'.repeat(8));
    expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await tab.page.getByRole('button', { name: 'Channels' }).tap();
    await tab.page.getByRole('link', { name: 'help' }).tap();
    await tab.page.getByRole('heading', { name: 'help', level: 1 }).waitFor();
    await tab.page.getByRole('link', { name: 'help' }).waitFor({ state: 'hidden' });
    await tab.page.getByRole('button', { name: '1 here' }).tap();
    await tab.seesPeople('Anna with a rather long');
  });

  it('works by keyboard alone', async () => {
    const { page } = await enter('Anna', 'general');
    const focused = () => page.evaluate<string | null>('document.activeElement.getAttribute("href")');
    while ((await focused()) !== '#/chat/random') await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'random', level: 1 }).waitFor();
    while ((await page.locator('#text:focus').count()) === 0) await page.keyboard.press('Tab');
    await page.keyboard.type('first line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('first line\nsecond line').waitFor();
  });

  it('asks again for a name that the server does not take', async () => {
    const tab = await enter('Anna', 'general');
    await tab.page.getByRole('button', { name: 'Change your name' }).click();
    await tab.page.getByLabel('Your name').fill('Anna\u202e');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByRole('alert').getByText('The server does not take this name').waitFor();
    await tab.page.getByLabel('Your name').fill('Anne');
    await tab.page.keyboard.press('Enter');
    await tab.seesPeople('Anne');
  });

  it('is served with its files only: anything else is a 404', async () => {
    const statusOf = async (path: string) => (await fetch(`${sample.url}${path}`)).status;
    expect(await statusOf('/')).toBe(200);
    expect(await statusOf('/favicon.svg')).toBe(200);
    expect(await statusOf('/nothing-here')).toBe(404);
    expect(await statusOf('/assets/nothing.js')).toBe(404);
    expect(await statusOf('/%2e%2e/main.js')).toBe(404);
  });
});
