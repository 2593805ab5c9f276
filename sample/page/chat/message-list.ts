import { byId, type Row, showRows } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { MessageRows } from './message-rows.js';
import { unsentElement } from './unsent-element.js';
import { type Unsent } from './outbox.js';
import { type GapEntry } from './timeline.js';
import { type ViewContext } from './view.js';

/** So near to the end counts as reading the newest messages. */
const NEAR_END_PX = 80;

/** The log: days, messages, notices and gaps in the server's order, then what is still unsent. */
export class MessageList {
  private readonly scroll = byId('scroll', HTMLDivElement);
  private readonly log = byId('log', HTMLDivElement);
  private readonly entries = byId('entries', HTMLOListElement);
  private readonly unsent = byId('unsent', HTMLOListElement);
  private readonly empty = byId('empty', HTMLParagraphElement);
  private readonly older = byId('older', HTMLButtonElement);
  private readonly toNewest = byId('to-newest', HTMLButtonElement);
  private readonly rows: MessageRows;
  private atEnd = true;
  private channel = '';

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {
    this.rows = new MessageRows(chat, view, (gap) => void this.readBack(gap));
    this.scroll.addEventListener('scroll', () => this.scrolled());
    this.toNewest.addEventListener('click', () => this.showNewest());
    this.older.addEventListener('click', () => void this.readBack());
    new ResizeObserver(() => this.follow()).observe(this.scroll);
    // An image that has come takes more room than what stood for it.
    this.entries.addEventListener('load', () => this.follow(), { capture: true });
  }

  show(): void {
    const { channel, timeline } = this.chat;
    const unsent = this.chat.delivery.unsentOf(channel);
    const switched = channel !== this.channel;
    const wrote = unsent.length > this.unsent.childElementCount;
    this.channel = channel;
    // A whole channel at once is not read out; what comes after it is.
    this.log.ariaBusy = String(switched);
    this.scroll.ariaLabel = this.view.texts.messagesIn(channel);
    this.empty.hidden = timeline.entries.length + unsent.length > 0;
    this.older.hidden = !timeline.hasEarlier;
    showRows(this.entries, this.rows.of(timeline));
    showRows(
      this.unsent,
      unsent.map((item) => this.unsentRow(item)),
    );
    if (switched || wrote) this.showNewest();
    else this.follow();
  }

  private showNewest(): void {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.scrolled();
  }

  /** What is read stays where it is while earlier messages come in above it. */
  private async readBack(gap?: GapEntry): Promise<void> {
    const { scroll } = this;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    this.atEnd = false;
    await this.chat.readBack(gap);
    if (!gap) scroll.scrollTop = scroll.scrollHeight - fromEnd;
    this.scrolled();
  }

  private follow(): void {
    if (this.atEnd) this.showNewest();
  }

  private scrolled(): void {
    this.atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
    this.toNewest.hidden = this.atEnd;
    if (this.atEnd) this.chat.look();
  }

  private unsentRow(item: Unsent): Row {
    const { isOpen: on, delivery } = this.chat;
    return {
      key: item.id,
      version: `unsent ${on} ${item.refusal ?? ''}`,
      build: () =>
        unsentElement(item, on, this.view.texts, {
          again: () => void this.chat.writeAgain(item.id),
          remove: () => delivery.discard(item.id),
        }),
    };
  }
}
