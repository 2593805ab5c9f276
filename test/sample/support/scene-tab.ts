import axe, { type AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, type ConsoleMessage, type Page } from 'playwright-core';

/** What a browser says when a server cannot be reached, whatever carries the messages. */
const LOST_CONNECTION = /^WebSocket connection to '[^']+' failed|^Failed to load resource: net::/;

/** What it says of a session, asked for over HTTP, that a server has lost or has no time for. */
const LOST_SESSION = /^Failed to load resource: the server responded with a status of (404|409|503)/;
const GATEWAY = /^\/(chat|game|document|lab)\b/;

/** So long a page has time to show something, on a machine that is busy with something else. */
const PATIENCE_MS = 40_000;

/** A browser tab with one scene of the sample, in a context of its own. */
export class SceneTab {
  /** Console errors and warnings, uncaught errors and rejections. */
  private readonly problems: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.note(message);
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
  }

  private note(message: ConsoleMessage): void {
    const { url } = message.location();
    const isOfGateway = URL.canParse(url) && GATEWAY.test(new URL(url).pathname);
    if (isOfGateway && LOST_SESSION.test(message.text())) return;
    this.problems.push(message.text());
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<SceneTab> {
    const context = await browser.newContext(options);
    const tab = new SceneTab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  /** The problems that are not the expected failures to reach a server which is away. */
  get unexpectedProblems(): string[] {
    return this.problems.filter((problem) => !LOST_CONNECTION.test(problem));
  }

  async connected(transport = 'WebSocket'): Promise<void> {
    await this.page.getByRole('status').getByText(transport, { exact: true }).waitFor();
  }

  async disconnected(): Promise<void> {
    await this.page.getByRole('status').getByText('Disconnected', { exact: true }).waitFor();
  }

  /** Tries again at once, as a page does that is told that there is a network again. */
  async retry(): Promise<void> {
    await this.page.evaluate("dispatchEvent(new Event('online'))");
  }

  setOffline(isOffline: boolean): Promise<void> {
    return this.page.context().setOffline(isOffline);
  }

  /** Until an expression is true in the page. `waitForFunction` has it made by eval, which the page forbids. */
  async until(expression: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await this.page.evaluate(`Boolean(${expression})`))) {
      if (performance.now() > end) throw new Error(`In vain until ${expression}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** What axe finds wrong: rule and element. */
  async accessibilityProblems(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const results = await this.page.evaluate<AxeResults>('axe.run()');
    return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
