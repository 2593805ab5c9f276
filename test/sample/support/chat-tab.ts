import { type Locator, type Page } from 'playwright-core';
import { type SceneTab } from './scene-tab.js';

/** A browser tab in the chat, used as people use it: by labels, roles and keys. */
export class ChatTab {
  private constructor(readonly scene: SceneTab) {}

  get page(): Page {
    return this.scene.page;
  }

  /** Under that name. */
  static async enter(scene: SceneTab, name: string): Promise<ChatTab> {
    const tab = new ChatTab(scene);
    await tab.page.getByLabel('Your name').fill(name);
    await tab.page.keyboard.press('Enter');
    await tab.seesPeople(name);
    return tab;
  }

  async goTo(channel: string): Promise<void> {
    await this.page.getByRole('link', { name: channel }).click();
    await this.page.getByRole('heading', { name: channel, level: 2 }).waitFor();
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  get people(): Locator {
    return this.page.locator('#people').getByRole('listitem', { includeHidden: true });
  }

  get unsent(): Locator {
    return this.page.getByRole('list', { name: 'Not sent yet' }).getByRole('listitem');
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async sees(text: string): Promise<void> {
    await this.log.getByText(text, { exact: true }).waitFor();
  }

  async seesPeople(...names: string[]): Promise<void> {
    for (const name of names) {
      await this.people.filter({ hasText: name }).first().waitFor({ state: 'attached' });
    }
  }

  /** How many messages in the log say exactly this. */
  count(text: string): Promise<number> {
    return this.log.getByText(text, { exact: true }).count();
  }

  async disconnected(): Promise<void> {
    await this.page.getByText('The connection is lost.').waitFor();
  }

  /** At once, rather than when the pause is over; unless it is over already. */
  async retry(): Promise<void> {
    await this.page.evaluate(`document.querySelector('#retry').click()`);
  }
}
