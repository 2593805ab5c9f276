import { type Member } from '../../chat/chat.protocol.js';
import { byId, make, type Row, showRows } from '../dom.js';
import { avatarOf, paintAvatar } from './avatar.js';
import { type ChatClient } from './chat-client.js';
import { type ViewContext } from './view.js';

/** Who is here, how many, and who you are. */
export class PeopleList {
  private readonly list = byId('people', HTMLUListElement);
  private readonly count = byId('people-count', HTMLSpanElement);
  private readonly myName = byId('my-name', HTMLSpanElement);
  private readonly myAvatar = byId('my-avatar', HTMLSpanElement);

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {}

  show(): void {
    const { me, name, company } = this.chat;
    const people = company.presence.list;
    this.count.textContent = String(people.length);
    this.myName.textContent = name ?? '';
    if (me) paintAvatar(this.myAvatar, me);
    showRows(
      this.list,
      people.map((member) => rowOf(member, member.id === me?.id ? this.view.texts.you : undefined)),
    );
  }
}

function rowOf(member: Member, you: string | undefined): Row {
  return { key: member.id, version: `${member.name} ${you}`, build: () => personElement(member, you) };
}

function personElement(member: Member, you: string | undefined): HTMLElement {
  const name = make('span', 'name', member.name);
  name.dir = 'auto';
  const element = make('li', 'person', avatarOf(member), name);
  if (you) element.append(make('span', 'you', you));
  return element;
}
