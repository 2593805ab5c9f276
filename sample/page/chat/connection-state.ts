import { type Status } from '../connection.js';
import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';

const LABELS: Record<Status['state'], string> = {
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Disconnected',
  stopped: 'Disconnected',
};

/** Says whether the page is connected, and if not, what happens next. */
export class ConnectionState {
  private readonly label = byId('status', HTMLParagraphElement);
  private readonly banner = byId('banner', HTMLDivElement);
  private readonly text = byId('banner-text', HTMLSpanElement);
  private readonly countdown = byId('banner-countdown', HTMLSpanElement);
  private wasOpen = false;
  private ticker = 0;

  constructor(chat: ChatClient) {
    byId('retry', HTMLButtonElement).addEventListener('click', () => chat.connection.retry());
    chat.connection.status$.subscribe((status) => this.show(status));
  }

  private show(status: Status): void {
    const { state } = status;
    this.wasOpen ||= state === 'open';
    this.label.textContent = LABELS[state];
    this.label.dataset['state'] = state;
    // While an attempt runs the banner stays, or it would flicker with every attempt.
    if (state !== 'connecting') this.banner.hidden = state === 'open';
    this.text.textContent = explanationOf(status, this.wasOpen);
    this.count(status);
  }

  private count(status: Status): void {
    window.clearInterval(this.ticker);
    const tick = () => (this.countdown.textContent = countdownOf(status));
    tick();
    if (status.state === 'waiting') this.ticker = window.setInterval(tick, 1000);
  }
}

function explanationOf(status: Status, wasOpen: boolean): string {
  if (status.state === 'stopped') return status.reason ? `Disconnected: ${status.reason}.` : 'Disconnected.';
  if (status.state === 'open') return '';
  const kept = 'What you write is kept and sent later.';
  return wasOpen ? `The connection is lost. ${kept}` : `There is no connection yet. ${kept}`;
}

function countdownOf(status: Status): string {
  if (status.state !== 'waiting') return '';
  const seconds = Math.ceil((status.retryAt - Date.now()) / 1000);
  return seconds > 0 ? `Next attempt in ${seconds} s.` : '';
}
