/**
 * `npm run screenshots`: the picture of the README, docs/images/sample.png, and with a folder as its argument all
 * scenes there, on a desk and on a phone, light and dark, and in Chinese.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findTool } from '../../.ci/system-tools.mjs';

const MAIN = new URL('../../dist-sample/main.js', import.meta.url).pathname;
const PICTURE = new URL('../../docs/images/sample.png', import.meta.url).pathname;
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** Whatever moves has come to rest, and the lab has something to show. */
const SETTLE_MS = 6_000;
/** What somebody does who comes into a scene. */
const BEGIN = {
  chat: introduce,
  game: introduce,
  async document(page, name) {
    await introduce(page, name);
    await page.locator('.ProseMirror').click();
    await page.keyboard.type('Written by all of us.');
  },
  progress: (page) => page.locator('main button[type=submit]').click(),
  lab: (page) => page.waitForTimeout(SETTLE_MS / 2),
};
const TALK = [
  ['Ben', 'The new node is up. Nobody had to reconnect by hand.'],
  ['Anna', 'I was in a tunnel. It came back by itself, with everything I missed.'],
  ['Chloé', 'And here I am on a phone, over an event stream.'],
  ['Ben', 'Same handler for all of us.'],
  ['Anna', 'So who deploys the next one?'],
];

const folder = await mkdtemp(join(tmpdir(), 'sample-data-'));
const env = { ...process.env, PORT: '0', SAMPLE_DATA_DIR: folder };
const server = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await chromium.launch({ executablePath: findTool('chromium'), chromiumSandbox: false });
try {
  await takeAll(await urlOf(server), process.argv[2]);
} finally {
  await browser.close();
  server.kill();
  await rm(folder, { recursive: true, force: true });
}

async function takeAll(url, into) {
  const people = await Promise.all(['Anna', 'Ben', 'Chloé'].map((name) => enter(url, name)));
  for (const [name, text] of TALK) await say(people.find((person) => person.name === name).page, text);
  await people[0].page.waitForTimeout(SETTLE_MS / 4);
  await people[0].page.screenshot({ path: PICTURE });
  if (into === undefined) return;
  for (const [size, options] of Object.entries({ desk: DESK, phone: PHONE })) {
    await takeScenes(url, { ...options, colorScheme: 'light' }, join(into, `${size}-light`));
    await takeScenes(url, { ...options, colorScheme: 'dark' }, join(into, `${size}-dark`));
    await takeScenes(url, { ...options, locale: 'zh-CN' }, join(into, `${size}-zh`));
  }
}

async function introduce(page, name) {
  await page
    .getByLabel(/Your name|你的/)
    .first()
    .fill(name);
  await page.keyboard.press('Enter');
}

async function enter(url, name) {
  const page = await (await browser.newContext(DESK)).newPage();
  await page.goto(`${url}/#/chat/general`);
  await BEGIN.chat(page, name);
  return { name, page };
}

async function say(page, text) {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText(text, { exact: true }).waitFor();
}

/** All at a time: most of it is waiting. */
async function takeScenes(url, options, path) {
  const context = await browser.newContext(options);
  const take = async ([scene, begin]) => {
    const page = await context.newPage();
    await page.goto(`${url}/#/${scene}`);
    await begin(page, 'Dora');
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: `${path}-${scene}.png` });
  };
  await Promise.all(Object.entries(BEGIN).map(take));
  await context.close();
}

function urlOf({ stdout }) {
  return new Promise((resolve) => {
    stdout.on('data', (chunk) => {
      const found = /http:\/\/localhost:\d+/.exec(chunk.toString());
      if (found) resolve(found[0]);
    });
  });
}
