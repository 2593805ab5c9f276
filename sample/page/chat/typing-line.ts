import { byId } from '../dom.js';
import { type ChatClient } from './chat-client.js';
import { type ViewContext } from './view.js';

const NAMED = 2;

/** Not a live region: a screen reader that told of every key pressed elsewhere would be switched off. */
export class TypingLine {
  private readonly line = byId('typing', HTMLParagraphElement);

  constructor(
    private readonly chat: ChatClient,
    private readonly view: ViewContext,
  ) {}

  show(): void {
    const { names } = this.chat.company.typists;
    this.line.textContent = this.sentence(names);
    this.line.classList.toggle('active', names.length > 0);
  }

  private sentence(names: readonly string[]): string {
    if (names.length === 0) return '';
    const { manyTyping, typing } = this.view.texts;
    return names.length > NAMED ? manyTyping : typing(names);
  }
}
