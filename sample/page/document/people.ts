import { type DecorationAttrs } from 'prosemirror-view';
import { type Awareness } from 'y-protocols/awareness';
import { NAME_LENGTH } from '../../document/document.limits.js';
import { make, showRows } from '../dom.js';
import { browserStore } from '../storage.js';
import { type Texts } from './texts.js';

const COLOURS = 8;

/** y-prosemirror asks for one like this; the style sheet decides, so that it fits both themes. */
const ANY_COLOUR = '#808080';

interface User {
  readonly name: string;
}

export function cursorOf(user: User, client: number): HTMLElement {
  const cursor = make('span', `document-cursor ${colourOf(client)}`);
  // shown by the style sheet: it is no part of the text
  cursor.dataset['name'] = user.name;
  return cursor;
}

export function selectionOf(_user: User, client: number): DecorationAttrs {
  return { class: `document-selection ${colourOf(client)}` };
}

function colourOf(client: number): string {
  return `person-${client % COLOURS}`;
}

/** Who has the document open, and under what name one does so oneself. */
export class People {
  readonly element: HTMLElement;
  private readonly name = make('input', '');
  private readonly list = make('ul', 'document-people');

  constructor(
    private readonly awareness: Awareness,
    private readonly text: Texts,
  ) {
    this.name.maxLength = NAME_LENGTH;
    this.name.value = browserStore.read('name')?.slice(0, NAME_LENGTH) ?? '';
    this.name.placeholder = text.guest;
    this.name.setAttribute('autocomplete', 'nickname');
    this.name.addEventListener('input', () => this.rename());
    const field = make('label', 'field', text.yourName, this.name);
    this.element = make('div', 'card document-side', field, make('h2', '', text.here), this.list);
    awareness.on('change', () => this.show());
    this.tell();
  }

  private rename(): void {
    browserStore.write('name', this.name.value.trim());
    this.tell();
  }

  private tell(): void {
    const name = this.name.value.trim() || this.text.guest;
    this.awareness.setLocalStateField('user', { name, color: ANY_COLOUR });
  }

  private show(): void {
    const states = [...this.awareness.getStates()] as [number, { user?: User }][];
    const rows = states.map(([client, { user }]) => {
      const isOwn = client === this.awareness.clientID;
      const name = user?.name ?? this.text.guest;
      const shown = isOwn ? `${name} ${this.text.you}` : name;
      return { key: String(client), version: shown, build: () => personRow(shown, client) };
    });
    showRows(this.list, rows);
  }
}

function personRow(shown: string, client: number): HTMLElement {
  const name = make('span', 'name', shown);
  name.dir = 'auto';
  return make('li', '', make('span', `document-dot ${colourOf(client)}`), name);
}
