import { type ChatClient } from './chat-client.js';
import { type ViewContext } from './view.js';

/** While the page is out of sight its title counts what was said. */
export class UnreadTitle {
  private unread = 0;

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {
    chat.heard$.subscribe(() => {
      if (document.hidden) this.unread++;
      this.show();
    });
    document.addEventListener('visibilitychange', () => this.seen(), { signal: view.signal });
  }

  show(): void {
    if (this.view.signal.aborted) return;
    const unread = this.unread > 0 ? `(${this.unread}) ` : '';
    document.title = unread + this.view.texts.title(this.chat.channel);
  }

  private seen(): void {
    if (!document.hidden) this.unread = 0;
    this.chat.look();
    this.show();
  }
}
