import { type Message } from '../../chat/chat.protocol.js';
import { byId, make, type Row, showRows } from '../dom.js';
import { avatarOf } from './avatar.js';
import { type ChatClient } from './chat-client.js';
import { type Unsent } from './outbox.js';
import { type Entry } from './timeline.js';

/** Messages of one author within this time stand together under one name. */
const GROUP_MS = 5 * 60_000;

/** So near to the end counts as reading the newest messages. */
const NEAR_END_PX = 80;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

/** The log: days, messages and notices in the server's order, then what is still unsent. */
export class MessageList {
  private readonly scroll = byId('scroll', HTMLDivElement);
  private readonly log = byId('log', HTMLDivElement);
  private readonly entries = byId('entries', HTMLOListElement);
  private readonly unsent = byId('unsent', HTMLOListElement);
  private readonly empty = byId('empty', HTMLParagraphElement);
  private readonly toNewest = byId('to-newest', HTMLButtonElement);
  private atEnd = true;
  private channel = '';

  constructor(private readonly chat: ChatClient) {
    this.scroll.addEventListener('scroll', () => this.scrolled());
    this.toNewest.addEventListener('click', () => this.showNewest());
    new ResizeObserver(() => this.follow()).observe(this.scroll);
  }

  show(): void {
    const { channel, timeline, unsent } = this.chat;
    const switched = channel !== this.channel;
    const wrote = unsent.length > this.unsent.childElementCount;
    this.channel = channel;
    // A whole channel at once is not read out; what comes after it is.
    this.log.ariaBusy = String(switched);
    this.scroll.ariaLabel = `Messages in ${channel}`;
    this.empty.hidden = timeline.entries.length + unsent.length > 0;
    showRows(this.entries, this.rowsOf(timeline.entries));
    showRows(
      this.unsent,
      unsent.map((item) => this.unsentRow(item)),
    );
    if (switched || wrote) this.showNewest();
    else this.follow();
  }

  showNewest(): void {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.scrolled();
  }

  private follow(): void {
    if (this.atEnd) this.showNewest();
  }

  private scrolled(): void {
    this.atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
    this.toNewest.hidden = this.atEnd;
  }

  private rowsOf(entries: readonly Entry[]): Row[] {
    return entries.flatMap((entry, index) => {
      const before = entries[index - 1];
      const row = entry.kind === 'notice' ? noticeRow(entry) : this.messageRow(entry.message, before);
      return before && dayOf(before.at) === dayOf(entry.at) ? [row] : [dayRow(entry.at), row];
    });
  }

  private messageRow(message: Message, before: Entry | undefined): Row {
    const follows = continues(message, before);
    const mine = message.author.id === this.chat.me?.id;
    return {
      key: message.id,
      version: `${follows}${mine}`,
      build: () => messageElement(message, follows, mine),
    };
  }

  private unsentRow(item: Unsent): Row {
    const on = this.chat.connection.status$.value.state === 'open';
    return {
      key: item.id,
      version: `unsent ${on} ${item.refusal ?? ''}`,
      build: () => this.unsentElement(item, on),
    };
  }

  private unsentElement({ id, text, refusal }: Unsent, on: boolean): HTMLElement {
    const body = make('p', 'text', text);
    body.dir = 'auto';
    const state = make('p', 'state', refusal ?? (on ? 'Sending…' : 'Not sent yet'));
    const element = make('li', 'message mine unsent', make('div', 'bubble', body), state);
    element.classList.toggle('on', on && refusal === undefined);
    element.classList.toggle('refused', refusal !== undefined);
    if (refusal !== undefined) {
      state.append(
        ' ',
        action('Try again', () => void this.chat.writeAgain(id)),
      );
      state.append(
        ' ',
        action('Remove', () => this.chat.discard(id)),
      );
    }
    return element;
  }
}

function messageElement({ author, at, text }: Message, follows: boolean, mine: boolean): HTMLElement {
  const name = make('p', 'author', author.name);
  name.dir = 'auto';
  const time = make('time', '', clock.format(at));
  time.dateTime = new Date(at).toISOString();
  const body = make('p', 'text', text);
  body.dir = 'auto';
  const element = make(
    'li',
    'message',
    avatarOf(author),
    make('div', 'bubble', name, make('div', 'line', body, time)),
  );
  element.classList.toggle('mine', mine);
  element.classList.toggle('follows', follows);
  return element;
}

function action(label: string, act: () => void): HTMLButtonElement {
  const button = make('button', 'link', label);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

function continues({ author, at }: Message, before: Entry | undefined): boolean {
  if (before?.kind !== 'message') return false;
  const sameAuthor = before.message.author.id === author.id && before.message.author.name === author.name;
  return sameAuthor && at - before.at < GROUP_MS && dayOf(at) === dayOf(before.at);
}

function noticeRow({ key, text }: Entry & { kind: 'notice' }): Row {
  return { key, version: '', build: () => make('li', 'notice', text) };
}

function dayRow(at: number): Row {
  const day = dayOf(at);
  const label = day === dayOf(Date.now()) ? 'Today' : calendar.format(at);
  return { key: day, version: label, build: () => make('li', 'day', make('span', '', label)) };
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}
