import { type Status } from 'nestwire/client';
import { showConnection } from '../connection-badge.js';
import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { type ChatTexts } from './texts.js';
import { type ViewContext } from './view.js';

/** Says whether the page is connected, and if not, what happens next. */
export class ConnectionState {
  private readonly banner = byId('banner', HTMLDivElement);
  private readonly text = byId('banner-text', HTMLSpanElement);
  private readonly countdown = byId('banner-countdown', HTMLSpanElement);
  private readonly texts: ChatTexts;
  private wasOpen = false;
  private ticker = 0;

  constructor(chat: ChatClient, view: ViewContext) {
    this.texts = view.texts;
    showConnection(byId('status', HTMLParagraphElement), chat.connection, view);
    byId('retry', HTMLButtonElement).addEventListener('click', () => chat.connection.retry());
    const shown = chat.connection.status$.subscribe((status) => this.show(status));
    view.signal.addEventListener('abort', () => {
      shown.unsubscribe();
      window.clearInterval(this.ticker);
    });
  }

  private show(status: Status): void {
    const { state } = status;
    this.wasOpen ||= state === 'open';
    // While an attempt runs the banner stays, or it would flicker with every attempt.
    if (state !== 'connecting') this.banner.hidden = state === 'open';
    this.text.textContent = this.explanationOf(status);
    this.count(status);
  }

  private count(status: Status): void {
    window.clearInterval(this.ticker);
    const tick = () => (this.countdown.textContent = this.countdownOf(status));
    tick();
    if (status.state === 'waiting') this.ticker = window.setInterval(tick, 1000);
  }

  private explanationOf(status: Status): string {
    const { closed, closedBecause, lost, notYet } = this.texts;
    if (status.state === 'closed') return status.reason ? closedBecause(status.reason) : closed;
    if (status.state === 'open') return '';
    return this.wasOpen ? lost : notYet;
  }

  private countdownOf(status: Status): string {
    if (status.state !== 'waiting') return '';
    const seconds = Math.ceil((status.retryAt - Date.now()) / 1000);
    return seconds > 0 ? this.texts.nextAttempt(seconds) : '';
  }
}
