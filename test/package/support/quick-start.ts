/** What docs/quick-start.md tells its reader to do, done. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { readPage } from '../../docs/pages.js';
import { run } from './run.js';

const { snippets } = readPage('docs/quick-start.md');

/** Where the page lets its reader go into the folder that is made. */
const FOLDER = 'my-app';

/** What starts the application, and runs until it is stopped. */
const START = /^npm start$/m;

/** Follows the page up to the start of the application. @returns the folder of the application */
export async function followQuickStart(parent: string): Promise<string> {
  const app = join(parent, FOLDER);
  for (const { language, code } of snippets) {
    if (language !== 'sh') await write(app, code);
    else if (code.includes(`cd ${FOLDER}\n`)) await run('sh', ['-ec', code], parent);
    else await run('sh', ['-ec', code.replace(START, '')], app);
  }
  return app;
}

/** The first line names the file. */
async function write(app: string, code: string): Promise<void> {
  const [, path] = /^(?:\/\/|<!--) (\S+)/.exec(code)!;
  await mkdir(dirname(join(app, path!)), { recursive: true });
  await writeFile(join(app, path!), code);
}

interface Talk {
  /** The lines in each window. */
  readonly seen: string[][];
  /** To the consoles. */
  readonly printed: string[];
}

/** Two windows, in each of which somebody says something. */
export async function talkOnThePage(browser: Browser, url: string): Promise<Talk> {
  const printed: string[] = [];
  const windows = [await browser.newPage(), await browser.newPage()];
  for (const page of windows) {
    page.on('console', (message) => printed.push(message.text()));
    page.on('pageerror', (error) => printed.push(error.message));
    await page.goto(url);
    await page.getByRole('status').getByText('open').waitFor();
  }
  await say(windows[0]!, 'Ada', 'hello', windows);
  await say(windows[1]!, 'Bob', 'hi, Ada', windows);
  const seen = await Promise.all(windows.map((page) => page.getByRole('listitem').allTextContents()));
  return { seen, printed };
}

async function say(page: Page, name: string, text: string, windows: readonly Page[]): Promise<void> {
  const answered = page.waitForEvent('console');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Say' }).click();
  await answered;
  await Promise.all(windows.map((window) => window.getByText(`${name}: ${text}`).waitFor()));
}
