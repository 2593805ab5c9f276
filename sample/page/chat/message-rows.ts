import { type Message } from '../../chat/chat.protocol.js';
import { make, type Row } from '../dom.js';
import { action } from './action.js';
import { avatarOf } from './avatar.js';
import { type ChatClient } from './chat-client.js';
import { imageElement } from './image-element.js';
import { type Entry, type GapEntry, type Timeline } from './timeline.js';
import { type ViewContext } from './view.js';

/** Messages of one author within this time stand together under one name. */
const GROUP_MS = 5 * 60_000;

/** What a timeline looks like, row by row. */
export class MessageRows {
  private readonly clock: Intl.DateTimeFormat;
  private readonly calendar: Intl.DateTimeFormat;

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
    private readonly fillGap: (gap: GapEntry) => void,
  ) {
    const locale = view.language === 'zh' ? 'zh-CN' : undefined;
    this.clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
    this.calendar = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  }

  of({ entries, firstNew }: Timeline): Row[] {
    return entries.flatMap((entry, index) => {
      const before = entries[index - 1];
      const isNewDay = !before || dayOf(before.at) !== dayOf(entry.at);
      return [
        ...(isNewDay ? [this.dayRow(entry.at)] : []),
        ...(entry.key === firstNew ? [this.newRow()] : []),
        this.rowOf(entry, before),
      ];
    });
  }

  private rowOf(entry: Entry, before: Entry | undefined): Row {
    switch (entry.kind) {
      case 'message':
        return this.messageRow(entry.message, before);
      case 'notice':
        return { key: entry.key, version: '', build: () => make('li', 'notice', entry.text) };
      case 'gap':
        return { key: entry.key, version: '', build: () => this.gapElement(entry) };
    }
  }

  private messageRow(message: Message, before: Entry | undefined): Row {
    const follows = continues(message, before);
    const mine = message.author.id === this.chat.me?.id;
    const seen = mine ? this.chat.company.receipts.countOf(message, this.chat.me) : 0;
    return {
      key: message.id,
      version: `${follows}${mine}${seen}`,
      build: () => this.messageElement(message, follows, mine ? seen : undefined),
    };
  }

  /** @param seen by how many, if the message is one's own */
  private messageElement(message: Message, follows: boolean, seen: number | undefined): HTMLElement {
    const { author, at, text, image } = message;
    const name = make('p', 'author', author.name);
    const body = make('p', 'text', text);
    name.dir = body.dir = 'auto';
    const time = make('time', '', this.clock.format(at));
    time.dateTime = new Date(at).toISOString();
    const line = make('div', 'line', body, time);
    if (seen !== undefined) line.append(this.mark(seen));
    const bubble = make('div', 'bubble', name, line);
    if (image) line.before(imageElement(this.chat.images, image.id, author.name, this.view.texts));
    const element = make('li', 'message', avatarOf(author), bubble);
    element.classList.toggle('mine', seen !== undefined);
    element.classList.toggle('follows', follows);
    return element;
  }

  private mark(seen: number): HTMLElement {
    const { sent, seenBy } = this.view.texts;
    const text = seen > 0 ? seenBy(seen) : sent;
    const mark = make('span', 'mark-of-delivery', make('span', 'sr-only', text));
    mark.dataset['seen'] = String(seen > 0);
    mark.title = text;
    return mark;
  }

  private gapElement(gap: GapEntry): HTMLElement {
    const { gap: text, fillGap } = this.view.texts;
    return make(
      'li',
      'notice gap',
      `${text} `,
      action(fillGap, () => this.fillGap(gap)),
    );
  }

  private newRow(): Row {
    const build = () => make('li', 'day new', make('span', '', this.view.texts.newFromHere));
    return { key: 'new', version: '', build };
  }

  private dayRow(at: number): Row {
    const day = dayOf(at);
    const label = day === dayOf(Date.now()) ? this.view.texts.today : this.calendar.format(at);
    return { key: day, version: label, build: () => make('li', 'day', make('span', '', label)) };
  }
}

function continues({ author, at }: Message, before: Entry | undefined): boolean {
  if (before?.kind !== 'message') return false;
  const sameAuthor = before.message.author.id === author.id && before.message.author.name === author.name;
  return sameAuthor && at - before.at < GROUP_MS && dayOf(at) === dayOf(before.at);
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}
