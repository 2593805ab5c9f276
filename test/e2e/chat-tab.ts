import { type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';

const LOST_CONNECTION = /^WebSocket connection to '[^']+' failed/;

/** A browser tab in the chat, used as people use it: by labels, roles and keys. */
export class ChatTab {
  /** Console errors and warnings, uncaught errors and rejections. */
  readonly problems: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
  }

  /** A tab in a fresh browser context, entered under that name. */
  static async enter(
    browser: Browser,
    url: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<ChatTab> {
    const context = await browser.newContext(options);
    const tab = new ChatTab(await context.newPage());
    await tab.page.goto(url);
    await tab.page.getByLabel('Your name').fill(name);
    await tab.page.keyboard.press('Enter');
    await tab.connected();
    return tab;
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  get people(): Locator {
    return this.page.getByRole('complementary', { name: 'People here' }).getByRole('listitem');
  }

  get unsent(): Locator {
    return this.page.getByRole('list', { name: 'Not sent yet' }).getByRole('listitem');
  }

  /** The problems that are not the expected failures to reach a server which is away. */
  get unexpectedProblems(): string[] {
    return this.problems.filter((problem) => !LOST_CONNECTION.test(problem));
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async sees(text: string): Promise<void> {
    await this.log.getByText(text, { exact: true }).waitFor();
  }

  async seesPeople(...names: string[]): Promise<void> {
    for (const name of names) await this.people.filter({ hasText: name }).waitFor();
  }

  /** How many messages in the log say exactly this. */
  count(text: string): Promise<number> {
    return this.log.getByText(text, { exact: true }).count();
  }

  async connected(): Promise<void> {
    await this.page.getByRole('status').getByText('Connected', { exact: true }).waitFor();
  }

  async disconnected(): Promise<void> {
    await this.page.getByText('The connection is lost.').waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
