import { type ChatClient } from './chat-client.js';

/** While the page is out of sight its title counts what was said. */
export class UnreadTitle {
  private unread = 0;

  constructor(private readonly chat: ChatClient) {
    chat.heard$.subscribe(() => {
      if (document.hidden) this.unread++;
      this.show();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.unread = 0;
      this.show();
    });
  }

  show(): void {
    const { channel } = this.chat;
    document.title = `${this.unread > 0 ? `(${this.unread}) ` : ''}${channel} · Nestwire chat`;
  }
}
